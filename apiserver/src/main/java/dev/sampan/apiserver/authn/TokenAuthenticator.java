package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Authenticator;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.authn.ServiceAccountTokens.Refused;
import dev.sampan.apiserver.authn.ServiceAccountTokens.Verified;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bearer tokens: those of ServiceAccounts, and fixed ones that the server was started with. */
final class TokenAuthenticator implements Authenticator {

    static final List<String> API_AUDIENCES = List.of(ServiceAccountTokens.ISSUER);

    private final ServiceAccountTokens accounts;
    private final Map<String, UserInfo> fixed;

    TokenAuthenticator(ServiceAccountTokens accounts, Map<String, UserInfo> fixed) {
        this.accounts = accounts;
        this.fixed = Map.copyOf(fixed);
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
        if (ServiceAccountTokens.looksLikeOurs(token)) {
            return accounts.verify(token, audiences);
        }
        var user = fixedUser(token);
        if (user == null) {
            throw new Refused("invalid bearer token");
        }
        return new Verified(user, audiences);
    }

    /** Compares with every fixed token in constant time. */
    private @Nullable UserInfo fixedUser(String token) {
        UserInfo found = null;
        var bytes = token.getBytes(StandardCharsets.UTF_8);
        for (var entry : fixed.entrySet()) {
            if (MessageDigest.isEqual(entry.getKey().getBytes(StandardCharsets.UTF_8), bytes)) {
                found = entry.getValue();
            }
        }
        return found;
    }
}
