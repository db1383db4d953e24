package dev.sampan.apiserver;

import dev.sampan.apiserver.audit.AuditOptions;
import dev.sampan.apiserver.authn.OidcIssuer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of the API server's security can be chosen; kube-apiserver's flag of each is named.
 *
 * @param tokenFile users by fixed bearer token, a CSV file ({@code --token-auth-file}); null for none
 * @param oidcIssuers issuers whose JSON web tokens are accepted ({@code --oidc-…})
 * @param audit what is written down of requests ({@code --audit-…}); null for nothing
 * @param encryptionFile an EncryptionConfiguration ({@code --encryption-provider-config}); null for none
 * @param limits how many requests are worked on at once
 */
public record SecurityOptions(
        @Nullable Path tokenFile,
        List<OidcIssuer> oidcIssuers,
        @Nullable AuditOptions audit,
        @Nullable Path encryptionFile,
        Limits limits) {

    /**
     * Bounds for requests that are worked on at once.
     *
     * @param reading {@code --max-requests-inflight}; 0 for no bound
     * @param writing {@code --max-mutating-requests-inflight}; 0 for no bound
     * @param fair whether the sum is shared out by FlowSchemas ({@code --enable-priority-and-fairness})
     */
    public record Limits(int reading, int writing, boolean fair) {
        public static final Limits DEFAULT = new Limits(400, 200, true);
    }

    /** Certificates and ServiceAccount tokens only, priority and fairness, no audit log. */
    public static final SecurityOptions DEFAULT = new SecurityOptions(null, List.of(), null, null, Limits.DEFAULT);

    public SecurityOptions {
        oidcIssuers = List.copyOf(oidcIssuers);
    }

    public SecurityOptions withTokenFile(Path file) {
        return new SecurityOptions(file, oidcIssuers, audit, encryptionFile, limits);
    }

    public SecurityOptions withOidcIssuers(List<OidcIssuer> issuers) {
        return new SecurityOptions(tokenFile, issuers, audit, encryptionFile, limits);
    }

    public SecurityOptions withAudit(AuditOptions options) {
        return new SecurityOptions(tokenFile, oidcIssuers, options, encryptionFile, limits);
    }

    public SecurityOptions withEncryption(Path file) {
        return new SecurityOptions(tokenFile, oidcIssuers, audit, file, limits);
    }

    public SecurityOptions withLimits(Limits newLimits) {
        return new SecurityOptions(tokenFile, oidcIssuers, audit, encryptionFile, newLimits);
    }
}
