package dev.sampan.apiserver.authn;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID Connect issuer whose tokens are accepted, as kube-apiserver's {@code --oidc-…} flags describe one.
 *
 * @param url {@code https} address that the tokens name; its discovery document leads to the keys
 * @param clientId audience that the tokens have to be for
 * @param usernameClaim claim with the user's name
 * @param usernamePrefix put before the name; {@code -} for none; empty for the default, which is {@code URL#} for any claim
 *     but {@code email}
 * @param groupsClaim claim with a group or a list of them; empty for none
 * @param groupsPrefix put before each group
 * @param requiredClaims claims that have to have these values
 * @param caFile certificates that the issuer's server is trusted by, PEM; null for Java's own
 */
public record OidcIssuer(
        String url,
        String clientId,
        String usernameClaim,
        String usernamePrefix,
        String groupsClaim,
        String groupsPrefix,
        Map<String, String> requiredClaims,
        @Nullable Path caFile) {

    public OidcIssuer {
        if (!url.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "an OIDC issuer's URL begins with https://, this one is \"" + url + "\"");
        }
        requiredClaims = Map.copyOf(requiredClaims);
    }

    /** Users by the claim {@code sub}, no groups. */
    public static OidcIssuer of(String url, String clientId) {
        return new OidcIssuer(url, clientId, "sub", "", "", "", Map.of(), null);
    }

    /** The prefix that is put before names. */
    String effectivePrefix() {
        if (usernamePrefix.equals("-")) {
            return "";
        }
        return usernamePrefix.isEmpty() && !usernameClaim.equals("email") ? url + "#" : usernamePrefix;
    }
}
