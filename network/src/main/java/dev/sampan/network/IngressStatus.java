package dev.sampan.network;

import dev.sampan.client.Events;
import dev.sampan.network.ingress.RouteTable;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Tells users of an Ingress where it is served and what is wrong with it. Safe for several threads. */
final class IngressStatus {

    private final KubernetesClient client;
    private final Events events;
    private final String address;
    private volatile Map<String, List<String>> problems = Map.of();
    /** The generation for which events were recorded, and the problems that were told. */
    private final Map<String, Told> told = new ConcurrentHashMap<>();

    private record Told(long generation, List<String> problems) {}

    IngressStatus(KubernetesClient client, Events events, String address) {
        this.client = client;
        this.events = events;
        this.address = address;
    }

    /** @param now what is wrong, by {@code namespace/name} of the Ingress */
    void problems(Map<String, List<String>> now) {
        problems = now;
    }

    void publish(Ingress ingress) {
        if (!published(ingress)) {
            client.network()
                    .v1()
                    .ingresses()
                    .inNamespace(ingress.getMetadata().getNamespace())
                    .withName(ingress.getMetadata().getName())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization()
                                    .asJson(Map.of(
                                            "status",
                                            Map.of(
                                                    "loadBalancer",
                                                    Map.of("ingress", List.of(Map.of("ip", address)))))));
        }
        tell(ingress);
    }

    private boolean published(Ingress ingress) {
        var status = ingress.getStatus();
        return status != null
                && status.getLoadBalancer() != null
                && status.getLoadBalancer().getIngress() != null
                && status.getLoadBalancer().getIngress().size() == 1
                && address.equals(
                        status.getLoadBalancer().getIngress().getFirst().getIp());
    }

    private void tell(Ingress ingress) {
        String key = RouteTable.key(ingress);
        var now = new Told(
                Objects.requireNonNullElse(ingress.getMetadata().getGeneration(), 0L),
                problems.getOrDefault(key, List.of()));
        Told before = told.put(key, now);
        if (before == null || before.generation != now.generation) {
            events.normal(ingress, "Sync", "Scheduled for sync");
        }
        for (String problem : now.problems) {
            if (before == null || before.generation != now.generation || !before.problems.contains(problem)) {
                events.warning(ingress, "Rejected", problem);
            }
        }
    }

    void forget(String key) {
        told.remove(key);
    }
}
