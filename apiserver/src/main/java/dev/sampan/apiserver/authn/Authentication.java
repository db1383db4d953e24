package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Authenticator;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * The API server's authentication, wired: in-process identity, client certificate, bearer token; a request without any
 * credential is anonymous. What the anonymous user may do is up to authorization.
 */
public final class Authentication implements Authenticator {

    private final TokenAuthenticator tokens;
    private final ServiceAccountTokens accounts;
    private final List<Authenticator> chain;

    /**
     * @param keys sign and verify ServiceAccount tokens
     * @param staticTokens users by fixed bearer token; empty for none
     */
    public Authentication(KeyPair keys, Objects objects, InstantSource clock, Map<String, UserInfo> staticTokens) {
        this.accounts = new ServiceAccountTokens(keys, objects, clock);
        this.tokens = new TokenAuthenticator(accounts, staticTokens);
        this.chain = List.of(new ClientCertificateAuthenticator(), tokens);
    }

    /** Never null: callers without credentials are {@link UserInfo#ANONYMOUS}. */
    @Override
    public UserInfo authenticate(ApiRequest request) throws Unauthorized {
        var known = request.user();
        if (known != null) {
            return known;
        }
        for (var authenticator : chain) {
            var user = authenticator.authenticate(request);
            if (user != null) {
                return user;
            }
        }
        return UserInfo.ANONYMOUS;
    }

    /** {@code serviceaccounts/token}, and the reviews, whose subresource name is empty. */
    public List<SubresourceHandler> handlers() {
        return List.of(
                new TokenRequests(accounts),
                new IdentityReviews.TokenReview(tokens),
                new IdentityReviews.SelfSubjectReview());
    }
}
