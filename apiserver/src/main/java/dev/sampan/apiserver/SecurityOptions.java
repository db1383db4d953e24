package dev.sampan.apiserver;

import dev.sampan.apiserver.authn.OidcIssuer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of the API server's security can be chosen; kube-apiserver's flag of each is named.
 *
 * @param tokenFile users by fixed bearer token, a CSV file ({@code --token-auth-file}); null for none
 * @param oidcIssuers issuers whose JSON web tokens are accepted ({@code --oidc-…})
 */
public record SecurityOptions(@Nullable Path tokenFile, List<OidcIssuer> oidcIssuers) {

    /** Certificates and ServiceAccount tokens only. */
    public static final SecurityOptions DEFAULT = new SecurityOptions(null, List.of());

    public SecurityOptions {
        oidcIssuers = List.copyOf(oidcIssuers);
    }

    public SecurityOptions withTokenFile(Path file) {
        return new SecurityOptions(file, oidcIssuers);
    }

    public SecurityOptions withOidcIssuers(List<OidcIssuer> issuers) {
        return new SecurityOptions(tokenFile, issuers);
    }
}
