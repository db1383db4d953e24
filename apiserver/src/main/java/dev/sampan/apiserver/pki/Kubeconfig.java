package dev.sampan.apiserver.pki;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A kubeconfig with one cluster, one user and one context, everything embedded.
 *
 * @param context name of the context; the cluster has the same name
 * @param user name of the user entry in the file
 */
public record Kubeconfig(String context, URI server, String user, Credential credential) {

    /** The file's text. */
    public String toYaml() {
        return """
                apiVersion: v1
                kind: Config
                current-context: %1$s
                clusters:
                - name: %1$s
                  cluster:
                    server: %2$s
                    certificate-authority-data: %3$s
                contexts:
                - name: %1$s
                  context:
                    cluster: %1$s
                    user: %4$s
                users:
                - name: %4$s
                  user:
                    client-certificate-data: %5$s
                    client-key-data: %6$s
                """.formatted(
                        context,
                        server,
                        base64(Pem.encode(credential.issuer())),
                        user,
                        base64(credential.certificatePem()),
                        base64(credential.keyPem()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
