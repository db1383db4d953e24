package dev.sampan.apiserver.certificates;

import dev.sampan.apiserver.pki.CertificateRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of Kubernetes' signers: what each certifies. Pure functions. */
final class Signers {

    static final String CLIENT = "kubernetes.io/kube-apiserver-client";
    static final String NODE_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
    static final String NODE_SERVING = "kubernetes.io/kubelet-serving";

    private static final String NODE = "system:node:";
    private static final List<String> NODES = List.of("system:nodes");

    private Signers() {}

    static boolean known(String signer) {
        return signer.equals(CLIENT) || signer.equals(NODE_CLIENT) || signer.equals(NODE_SERVING);
    }

    /** Why the signer does not certify a request; null when it does. */
    static @Nullable String problem(String signer, CertificateRequest request, Set<String> usages) {
        return switch (signer) {
            case CLIENT ->
                within(usages, "client auth", false)
                        ? null
                        : "usages did not match [" + "\"client auth\" \"digital signature\" \"key encipherment\"]";
            case NODE_CLIENT -> nodeClient(request, usages);
            case NODE_SERVING -> nodeServing(request, usages);
            default -> "unknown signer";
        };
    }

    private static @Nullable String nodeClient(CertificateRequest request, Set<String> usages) {
        if (!request.organizations().equals(NODES)) {
            return "subject organization is not system:nodes";
        }
        if (!request.hosts().isEmpty() || request.others() > 0) {
            return "DNS, IP, email and URI subject alternative names are not allowed";
        }
        if (!request.commonName().startsWith(NODE)) {
            return "subject common name does not begin with system:node:";
        }
        return within(usages, "client auth", true) ? null : "usages did not match [client auth, digital signature]";
    }

    private static @Nullable String nodeServing(CertificateRequest request, Set<String> usages) {
        if (!request.organizations().equals(NODES)) {
            return "subject organization is not system:nodes";
        }
        if (request.hosts().isEmpty()) {
            return "DNS or IP subjectAltName is required";
        }
        if (request.others() > 0) {
            return "email and URI subject alternative names are not allowed";
        }
        if (!request.commonName().startsWith(NODE)) {
            return "subject common name does not begin with system:node:";
        }
        return within(usages, "server auth", true) ? null : "usages did not match [digital signature, server auth]";
    }

    private static boolean within(Set<String> usages, String purpose, boolean signing) {
        return usages.contains(purpose)
                && (!signing || usages.contains("digital signature"))
                && Set.of(purpose, "digital signature", "key encipherment").containsAll(usages);
    }
}
