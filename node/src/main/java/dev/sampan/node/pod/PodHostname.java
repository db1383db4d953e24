package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** What a pod calls itself, as the kubelet decides it. */
public final class PodHostname {

    private static final int LONGEST = 63;

    private PodHostname() {}

    /** {@code spec.hostname}, else the pod's name, cut to what a label may have; never with a domain. */
    public static String shortName(Pod pod) {
        var asked = pod.getSpec().getHostname();
        if (asked != null && !asked.isEmpty()) {
            return asked;
        }
        var name = pod.getMetadata().getName();
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST).replaceAll("[-.]+$", "");
    }

    /** {@code HOSTNAME.SUBDOMAIN.NAMESPACE.svc.DOMAIN}, for a pod with a subdomain. */
    public static Optional<String> qualified(Pod pod, String domain) {
        var subdomain = pod.getSpec().getSubdomain();
        return subdomain == null || subdomain.isEmpty()
                ? Optional.empty()
                : Optional.of(shortName(pod) + "." + subdomain + "."
                        + pod.getMetadata().getNamespace() + ".svc." + domain);
    }
}
