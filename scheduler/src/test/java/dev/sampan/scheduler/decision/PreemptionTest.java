package dev.sampan.scheduler.decision;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static dev.sampan.scheduler.testing.Fixtures.withPriority;
import static dev.sampan.scheduler.testing.Fixtures.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PreemptionTest {

    private final DefaultProfile profile = DefaultProfile.create();

    private String decide(Pod pod, Snapshot snapshot) {
        var random = new SplittableRandom(1);
        var decision = (Decision.NoFit) new Placement(profile, 0).decide(info(pod), snapshot, 0, random);
        return switch (new Preemption(profile).decide(info(pod), snapshot, decision.diagnosis(), random)) {
            case Preemption.Outcome.Evict(var node, var victims) ->
                node + victims.stream().map(PodInfo::name).toList();
            case Preemption.Outcome.NotPossible(var message, var keep) -> message;
        };
    }

    private static Pod running(String node, String name, int priority, String cpu) {
        return on(node, withPriority(priority, requesting(name + " app=" + name, "{cpu: '" + cpu + "'}")));
    }

    private static Pod urgent(String cpu) {
        return withPriority(100, requesting("urgent", "{cpu: '" + cpu + "'}"));
    }

    @Test
    void evictsAsFewAsPossible() {
        var snapshot = snapshot(node("a"), running("a", "big", 1, "2"), running("a", "low", 0, "1"));
        assertThat(decide(urgent("2"), snapshot)).isEqualTo("a[low]");
        assertThat(decide(urgent("3"), snapshot)).isEqualTo("a[big]");
    }

    @Test
    void sparesTheHigherPriorityVictim() {
        var snapshot = snapshot(node("a"), node("b"), running("a", "important", 50, "4"), running("b", "low", 1, "4"));
        assertThat(decide(urgent("2"), snapshot)).isEqualTo("b[low]");
    }

    @Test
    void sparesPodsThatABudgetProtects() {
        var budget = yaml("""
                metadata: {name: guard, namespace: default}
                spec: {selector: {matchLabels: {app: guarded}}}
                status: {disruptionsAllowed: 0}
                """, PodDisruptionBudget.class);
        var snapshot =
                snapshot(node("a"), node("b"), running("a", "guarded", 1, "4"), running("b", "free", 50, "4"), budget);
        assertThat(decide(urgent("2"), snapshot)).isEqualTo("b[free]");
    }

    @Test
    void saysWhyItIsOfNoUse() {
        var full = snapshot(node("a"), running("a", "equal", 100, "4"), node("b", "{unschedulable: true}"));
        assertThat(decide(urgent("2"), full))
                .isEqualTo("preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
                        + "1 Preemption is not helpful for scheduling.");
        assertThat(decide(urgent("5"), snapshot(node("a"))))
                .isEqualTo("preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
        var polite = urgent("2");
        polite.getSpec().setPreemptionPolicy("Never");
        assertThat(decide(polite, full)).isEqualTo("preemption: not eligible due to preemptionPolicy=Never.");
    }

    @Test
    void waitsForVictimsThatAreLeaving() {
        var leaving = running("a", "low", 1, "4");
        leaving.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        var pod = urgent("2");
        pod.getStatus().setNominatedNodeName("a");
        assertThat(decide(pod, snapshot(node("a"), leaving)))
                .isEqualTo("preemption: not eligible due to a terminating pod on the nominated node.");
    }

    @Test
    void evictsWhatAntiAffinityMinds() {
        String away =
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: noisy}}, topologyKey: kubernetes.io/hostname}]}}";
        var snapshot = snapshot(node("a"), running("a", "noisy", 1, "1"), running("a", "quiet", 1, "1"));
        assertThat(decide(withPriority(100, pod("p", away)), snapshot)).isEqualTo("a[noisy]");
    }
}
