package dev.sampan.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The cluster's names as a hosts file: every Service by its cluster address, headless ones by their pods' addresses, and pods with a
 * hostname and subdomain. Written in place, because containers mount the very file.
 */
final class ClusterHosts {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private ClusterHosts() {}

    /** The file's content for one state of the cluster. */
    static String content(List<Service> services, List<EndpointSlice> slices, List<Pod> pods, String domain) {
        var lines = new TreeSet<String>();
        for (var service : services) {
            var ip = service.getSpec().getClusterIP();
            var name = service.getMetadata().getName();
            var namespace = service.getMetadata().getNamespace();
            if ("None".equals(ip)) {
                addresses(service, slices).forEach(address -> lines.add(line(address, name, namespace, domain)));
            } else if (ip != null && !ip.isEmpty()) {
                lines.add(line(ip, name, namespace, domain));
            }
        }
        for (var pod : pods) {
            var spec = pod.getSpec();
            if (spec.getSubdomain() != null
                    && pod.getStatus() != null
                    && pod.getStatus().getPodIP() != null) {
                var hostname = Objects.requireNonNullElse(
                        spec.getHostname(), pod.getMetadata().getName());
                lines.add(line(
                        pod.getStatus().getPodIP(),
                        hostname + "." + spec.getSubdomain(),
                        pod.getMetadata().getNamespace(),
                        domain));
            }
        }
        return "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                + String.join("\n", lines) + "\n";
    }

    private static List<String> addresses(Service service, List<EndpointSlice> slices) {
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

    private static String line(String ip, String name, String namespace, String domain) {
        var qualified = name + "." + namespace;
        return ip + "\t" + qualified + ".svc." + domain + " " + qualified + ".svc " + qualified
                + (namespace.equals("default") ? " " + name : "");
    }

    /** Replaces the file's content without replacing the file. */
    static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        if (Files.exists(file) && Files.readString(file).equals(content)) {
            return;
        }
        Files.writeString(
                file,
                content,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }
}
