package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Authenticator;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.authn.TokenSource.Refused;
import dev.sampan.apiserver.authn.TokenSource.Verified;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bearer tokens of every kind: the first source that knows a token decides. */
final class BearerTokens implements Authenticator {

    static final List<String> API_AUDIENCES = List.of(ServiceAccountTokens.ISSUER);

    private final List<TokenSource> sources;

    BearerTokens(List<TokenSource> sources) {
        this.sources = List.copyOf(sources);
    }

    @Override
    public @Nullable UserInfo authenticate(ApiRequest request) throws Unauthorized {
        var token = BearerToken.of(request);
        if (token == null) {
            return null;
        }
        try {
            return verify(token, API_AUDIENCES).user();
        } catch (Refused e) {
            throw new Unauthorized(String.valueOf(e.getMessage()));
        }
    }

    Verified verify(String token, List<String> audiences) throws Refused {
        for (var source : sources) {
            var verified = source.verify(token, audiences);
            if (verified != null) {
                return verified;
            }
        }
        throw new Refused("invalid bearer token");
    }
}
