package dev.sampan.scheduler;

import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.decision.Decision;
import dev.sampan.scheduler.decision.Placement;
import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.snapshot.ClusterCache;
import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cluster under churn with late messages and refused bindings. Invariants: no node is ever given more than it has; pods
 * that exclude each other never share a node; and once nothing changes any more, every pod that fits has a node.
 */
class SchedulingSimulationTest {

    private static final String EXCLUSIVE =
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {exclusive: 'yes'}}, topologyKey: kubernetes.io/hostname}]}}";

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void keepsItsPromises(long seed) {
        var random = new SplittableRandom(seed);
        var cluster = new SimulatedCluster(random, 0.1);
        for (int i = 0; i < 6; i++) {
            cluster.put(node("n" + i + " zone=z" + i % 2));
        }
        for (int i = 0; i < 2000; i++) {
            if (random.nextInt(10) == 0) {
                disturb(cluster, random, i);
            }
            cluster.advance();
            assertInvariants(cluster, seed);
        }
        cluster.settle();
        assertInvariants(cluster, seed);
        assertEveryFittingPodHasANode(cluster, seed);
    }

    private static void disturb(SimulatedCluster cluster, SplittableRandom random, int i) {
        switch (random.nextInt(8)) {
            case 0 -> {
                if (!cluster.pods.isEmpty()) {
                    cluster.delete(List.copyOf(cluster.pods.values()).get(random.nextInt(cluster.pods.size())));
                }
            }
            case 1 -> {
                int n = random.nextInt(6);
                cluster.put(node("n" + n + " zone=z" + n % 2, "{unschedulable: " + random.nextBoolean() + "}"));
            }
            default -> cluster.put(randomPod(random, i));
        }
    }

    private static Pod randomPod(SplittableRandom random, int i) {
        String containers = "containers: [{name: c, image: i, resources: {requests: {cpu: %dm, memory: %dMi}}}]\n"
                .formatted(200 + random.nextInt(1500), 100 + random.nextInt(3000));
        Pod pod = random.nextInt(4) == 0
                ? pod("p" + i + " exclusive=yes", containers + EXCLUSIVE)
                : pod("p" + i, containers);
        pod.getSpec().setPriority(random.nextInt(3) * 10);
        return pod;
    }

    private static void assertInvariants(SimulatedCluster cluster, long seed) {
        for (String node : cluster.nodes.keySet()) {
            List<PodInfo> pods = cluster.podsOn(node).stream().map(PodInfo::of).toList();
            long cpu = pods.stream().mapToLong(p -> p.requests().milliCpu()).sum();
            long memory = pods.stream().mapToLong(p -> p.requests().memory()).sum();
            long exclusive = pods.stream()
                    .filter(p -> p.labels().containsKey("exclusive"))
                    .count();
            assertThat(cpu).as("CPU of %s, seed %d", node, seed).isLessThanOrEqualTo(4000);
            assertThat(memory).as("memory of %s, seed %d", node, seed).isLessThanOrEqualTo(8L << 30);
            assertThat(exclusive)
                    .as("exclusive pods on %s, seed %d", node, seed)
                    .isLessThanOrEqualTo(1);
        }
    }

    private static void assertEveryFittingPodHasANode(SimulatedCluster cluster, long seed) {
        ClusterCache truth = new ClusterCache();
        for (Node node : cluster.nodes.values()) {
            truth.putNode(node);
        }
        for (Pod pod : cluster.pods.values()) {
            if (pod.getSpec().getNodeName() != null) {
                truth.putPod(truth.podInfo(pod));
            }
        }
        var placement = new Placement(DefaultProfile.create(), 100);
        for (Pod pod : cluster.pods.values()) {
            if (pod.getSpec().getNodeName() == null) {
                var decision = placement.decide(truth.podInfo(pod), truth.snapshot(), 0, new SplittableRandom(0));
                assertThat(decision)
                        .as("%s waits, seed %d", pod.getMetadata().getName(), seed)
                        .isInstanceOf(Decision.NoFit.class);
            }
        }
    }
}
