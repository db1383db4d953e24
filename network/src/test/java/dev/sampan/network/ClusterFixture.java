package dev.sampan.network;

import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An API server with informers, and the objects that endpoints are made of. */
final class ClusterFixture implements AutoCloseable {

    private final TestApi api = TestApi.start();
    final KubernetesClient client = api.admin();
    final Informers informers = Informers.over(client);
    /** With the rights of Kubernetes' service proxy and no more. */
    final KubernetesClient proxyClient = api.client("system:kube-proxy");

    final Informers proxyInformers = Informers.over(proxyClient);
    final Timers timers = Timers.system();

    <T extends HasMetadata> T create(String yaml, Class<T> type) {
        T object = client.getKubernetesSerialization().unmarshal(yaml, type);
        return client.resource(object).create();
    }

    /** A Service {@code web} with one port, named http. */
    Service service(int port, String more) {
        return create("""
                apiVersion: v1
                kind: Service
                metadata: {name: web, namespace: default}
                spec:
                  ports: [{name: http, port: %d, targetPort: 1%s}]
                """.formatted(port, more), Service.class);
    }

    /** Makes the addresses the ready endpoints of {@code web}; those whose port is negative are terminating. */
    void endpoints(InetSocketAddress... ready) {
        endpoints(List.of(ready), List.of());
    }

    /** One slice an address, as their ports differ. */
    void endpoints(List<InetSocketAddress> ready, List<InetSocketAddress> terminating) {
        List<String> names = Stream.concat(ready.stream(), terminating.stream())
                .map(address -> "web-" + address.getPort())
                .toList();
        for (InetSocketAddress address : ready) {
            slice(address, "{ready: true, serving: true, terminating: false}");
        }
        for (InetSocketAddress address : terminating) {
            slice(address, "{ready: false, serving: true, terminating: true}");
        }
        client.discovery().v1().endpointSlices().inNamespace("default").list().getItems().stream()
                .filter(slice -> !names.contains(slice.getMetadata().getName()))
                .filter(slice -> slice.getMetadata().getName().startsWith("web-"))
                .forEach(slice -> client.resource(slice).delete());
    }

    private void slice(InetSocketAddress address, String conditions) {
        String yaml = """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-%d, namespace: default, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: %d, protocol: TCP}]
                endpoints: [{addresses: [%s], conditions: %s}]
                """.formatted(address.getPort(), address.getPort(), address.getHostString(), conditions);
        client.resource(yaml).createOr(existing -> existing.update());
    }

    /** Reasons and messages of all events about objects of that name. */
    List<String> events(String name) {
        return client.v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(name))
                .map(ClusterFixture::text)
                .collect(Collectors.toList());
    }

    private static String text(Event event) {
        return event.getType() + " " + event.getReason() + ": " + event.getMessage();
    }

    @Override
    public void close() {
        informers.close();
        proxyInformers.close();
        api.close();
    }
}
