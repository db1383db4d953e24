package dev.sampan.scheduler.decision;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static dev.sampan.scheduler.testing.Fixtures.withPriority;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.snapshot.ClusterCache;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {

    private final Placement placement = new Placement(DefaultProfile.create(), 0);

    private Decision decide(Pod pod, Snapshot snapshot) {
        return placement.decide(info(pod), snapshot, 0, new SplittableRandom(1));
    }

    private String message(Pod pod, Snapshot snapshot) {
        return ((Decision.NoFit) decide(pod, snapshot)).diagnosis().message("");
    }

    @Test
    void choosesTheEmptiestNodeThatFits() {
        var snapshot = snapshot(
                node("full"),
                node("busy"),
                node("free"),
                node("cordoned", "{unschedulable: true}"),
                on("full", requesting("x", "{cpu: '4', memory: 1Gi}")),
                on("busy", requesting("y", "{cpu: '2', memory: 4Gi}")));
        assertThat(decide(requesting("p", "{cpu: '1', memory: 1Gi}"), snapshot))
                .isEqualTo(new Decision.Place("free", 4, 2, 0));
    }

    @Test
    void sameSeedSameChoice() {
        var cache = new ClusterCache();
        for (int i = 0; i < 50; i++) {
            cache.putNode(node("n" + i));
        }
        Set<Decision> choices = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            choices.add(placement.decide(info(pod("p", "")), cache.snapshot(), 0, new SplittableRandom(7)));
        }
        assertThat(choices).hasSize(1);
    }

    @Test
    void explainsInUpstreamsWords() {
        assertThat(message(requesting("p", "{cpu: '5'}"), snapshot(node("a"))))
                .isEqualTo("0/1 nodes are available: 1 Insufficient cpu.");
        var snapshot = snapshot(
                node("a", "{unschedulable: true}"),
                node("b", "{taints: [{key: gpu, value: 'true', effect: NoSchedule}]}"),
                node("c"),
                node("d"));
        assertThat(message(requesting("p", "{cpu: '5', memory: 9Gi}"), snapshot))
                .isEqualTo("0/4 nodes are available: 1 node(s) had untolerated taint {gpu: true}, "
                        + "1 node(s) were unschedulable, 2 Insufficient cpu, 2 Insufficient memory.");
        assertThat(message(pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: none}}]"), snapshot))
                .isEqualTo("0/4 nodes are available: persistentvolumeclaim \"none\" not found.");
        assertThat(message(pod("p", ""), snapshot())).isEqualTo("no nodes available to schedule pods");
    }

    @Test
    void podOfADaemonSetLooksAtItsNodeOnly() {
        String spec =
                "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [%s]}]}]}}}";
        var snapshot = snapshot(node("a"), node("b"), node("c", "{unschedulable: true}"));
        assertThat(decide(pod("p", spec.formatted("b")), snapshot)).isEqualTo(new Decision.Place("b", 1, 1, 0));
        assertThat(message(pod("p", spec.formatted("c")), snapshot))
                .isEqualTo(
                        "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.");
    }

    @ParameterizedTest
    @CsvSource({
        "50,0,50",
        "100,0,100",
        "500,0,230",
        "1000,0,420",
        "5000,0,500",
        "15000,0,750",
        "1000,30,300",
        "200,10,100"
    })
    void samplesLargeClusters(int nodes, int percentage, int enough) {
        assertThat(new Placement(DefaultProfile.create(), percentage).enoughOf(nodes))
                .isEqualTo(enough);
    }

    @Test
    void nextAttemptStartsWhereTheLastStopped() {
        var cache = new ClusterCache();
        for (int i = 0; i < 300; i++) {
            cache.putNode(node("n" + i));
        }
        var first = placement.decide(info(pod("p", "")), cache.snapshot(), 0, new SplittableRandom(1));
        assertThat(first.nextStart()).isEqualTo(144);
        var second = placement.decide(info(pod("p", "")), cache.snapshot(), first.nextStart(), new SplittableRandom(1));
        assertThat(second.nextStart()).isEqualTo(288);
    }

    @Test
    void roomMadeForAnotherPodIsNotTaken() {
        var cache = new ClusterCache();
        cache.putNode(node("a"));
        var urgent = withPriority(10, requesting("urgent", "{cpu: '4'}"));
        cache.nominate(info(urgent), "a");
        assertThat(decide(requesting("p", "{cpu: '1'}"), cache.snapshot())).isInstanceOf(Decision.NoFit.class);
        assertThat(decide(withPriority(11, requesting("q", "{cpu: '1'}")), cache.snapshot()))
                .isInstanceOf(Decision.Place.class);
        urgent.getStatus().setNominatedNodeName("a");
        assertThat(decide(urgent, cache.snapshot())).isEqualTo(new Decision.Place("a", 1, 1, 0));
    }
}
