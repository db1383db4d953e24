package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Authenticator;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.PathHandler;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The API server's authentication, wired: in-process identity, client certificate, bearer token; a request without any
 * credential is anonymous. What the anonymous user may do is up to authorization.
 */
public final class Authentication implements Authenticator {

    private final BearerTokens tokens;
    private final ServiceAccountTokens accounts;
    private final List<Authenticator> chain;

    /**
     * @param keys sign and verify ServiceAccount tokens
     * @param staticTokens users by fixed bearer token; empty for none
     * @param issuers OpenID Connect issuers whose tokens are accepted
     */
    public Authentication(
            KeyPair keys,
            Objects objects,
            InstantSource clock,
            Map<String, UserInfo> staticTokens,
            List<OidcIssuer> issuers) {
        this.accounts = new ServiceAccountTokens(keys, objects, clock);
        var sources = new ArrayList<TokenSource>();
        sources.add(accounts);
        issuers.forEach(issuer -> sources.add(new OidcTokens(issuer, clock)));
        sources.add(new BootstrapTokens(objects, clock));
        sources.add(new StaticTokens(staticTokens));
        this.tokens = new BearerTokens(sources);
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

    /** What others need to check this cluster's tokens with: OpenID Connect discovery. */
    public PathHandler discovery(Supplier<String> address) {
        return new IssuerDiscovery(accounts, address);
    }
}
