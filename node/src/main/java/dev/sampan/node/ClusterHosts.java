package dev.sampan.node;

import dev.sampan.node.pod.PodHostname;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A pod's hosts file, which does here what the kubelet's hosts file and a cluster's name server do together: the pod's own line, its host
 * aliases; then every Service by its cluster address, headless ones by their pods' addresses, and pods with a subdomain. Services of the
 * pod's own namespace have their short names too.
 *
 * @param pods that this node knows
 * @param domain such as {@code cluster.local}
 */
record ClusterHosts(List<Service> services, List<EndpointSlice> slices, List<Pod> pods, String domain) {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String HEADER = """
            # Kubernetes-managed hosts file.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            fe00::0\tip6-mcastprefix
            fe00::1\tip6-allnodes
            fe00::2\tip6-allrouters
            """;

    /**
     * The file's content.
     *
     * @param nodeFile the node's own hosts file, which pods on the node's network begin with
     */
    String content(Pod pod, String podIp, String nodeFile) {
        var text = new StringBuilder();
        if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            text.append("# Kubernetes-managed hosts file (host network).\n").append(nodeFile);
        } else {
            text.append(HEADER).append(podIp).append('\t');
            PodHostname.qualified(pod, domain)
                    .ifPresent(name -> text.append(name).append('\t'));
            text.append(PodHostname.shortName(pod)).append('\n');
        }
        var aliases = pod.getSpec().getHostAliases();
        if (aliases != null && !aliases.isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
            aliases.forEach(alias -> text.append(alias.getIp())
                    .append('\t')
                    .append(String.join("\t", alias.getHostnames()))
                    .append('\n'));
        }
        text.append("\n# Names of the cluster.\n");
        names(pod.getMetadata().getNamespace())
                .forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private TreeSet<String> names(String namespace) {
        var lines = new TreeSet<String>();
        for (var service : services) {
            var ip = service.getSpec().getClusterIP();
            if ("None".equals(ip)) {
                addresses(service).forEach(address -> lines.add(line(address, service, namespace)));
            } else if (ip != null && !ip.isEmpty()) {
                lines.add(line(ip, service, namespace));
            }
        }
        for (var pod : pods) {
            if (pod.getStatus() != null && pod.getStatus().getPodIP() != null) {
                PodHostname.qualified(pod, domain)
                        .ifPresent(name -> lines.add(pod.getStatus().getPodIP() + "\t" + forms(name)));
            }
        }
        return lines;
    }

    private List<String> addresses(Service service) {
        boolean unready = Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
        var addresses = new ArrayList<String>();
        for (var slice : slices) {
            var labels = slice.getMetadata().getLabels();
            if (slice.getMetadata().getNamespace().equals(service.getMetadata().getNamespace())
                    && labels != null
                    && service.getMetadata().getName().equals(labels.get(SERVICE_NAME))) {
                slice.getEndpoints().stream()
                        .filter(endpoint -> unready || ready(endpoint))
                        .forEach(endpoint -> addresses.addAll(endpoint.getAddresses()));
            }
        }
        return addresses;
    }

    private static boolean ready(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    private String line(String ip, Service service, String namespace) {
        var name = service.getMetadata().getName();
        var its = service.getMetadata().getNamespace();
        var line = ip + "\t" + forms(name + "." + its + ".svc." + domain);
        return its.equals(namespace) ? line + " " + name : line;
    }

    /** {@code x.ns.svc.cluster.local} and the shorter {@code x.ns.svc} and {@code x.ns}. */
    private String forms(String qualified) {
        var service = qualified.substring(0, qualified.length() - domain.length() - 1);
        return qualified + " " + service + " " + service.substring(0, service.length() - ".svc".length());
    }
}
