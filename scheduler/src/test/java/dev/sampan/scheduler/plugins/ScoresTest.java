package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScoresTest {

    @Test
    void leastAllocatedPrefersTheEmptierNode() {
        var snapshot = snapshot(node("a"), node("b"), on("a", requesting("x", "{cpu: '2', memory: 4Gi}")));
        var scores = Verdicts.score(new LeastAllocated(), requesting("p", "{cpu: '1', memory: 2Gi}"), snapshot);
        // a: cpu 3 of 4 used, memory 6 of 8; b: 1 of 4, 2 of 8
        assertThat(scores).containsEntry("a", 25L).containsEntry("b", 75L);
    }

    @Test
    void leastAllocatedCountsADefaultForPodsWithoutRequests() {
        var snapshot = snapshot(node("a"), node("b"), on("a", pod("x", "")));
        var scores = Verdicts.score(new LeastAllocated(), pod("p", ""), snapshot);
        assertThat(scores.get("a")).isLessThan(scores.get("b"));
    }

    @Test
    void balancedAllocationPrefersEvenUse() {
        var snapshot = snapshot(
                node("even"),
                node("uneven"),
                on("even", requesting("x", "{cpu: '1', memory: 2Gi}")),
                on("uneven", requesting("y", "{cpu: '3'}")));
        var scores = Verdicts.score(new BalancedAllocation(), requesting("p", "{cpu: '1', memory: 2Gi}"), snapshot);
        // even: 0.5 and 0.5; uneven: 1.0 and 0.25
        assertThat(scores).containsEntry("even", 100L).containsEntry("uneven", 62L);
    }

    @Test
    void balancedAllocationHasNoOpinionOnPodsWithoutRequests() {
        assertThat(Verdicts.score(new BalancedAllocation(), pod("p", ""), snapshot(node("a"))))
                .isEmpty();
    }

    @Test
    void softTaintsLowerTheScore() {
        String soft = "{taints: [{key: k, effect: PreferNoSchedule}%s]}";
        var snapshot = snapshot(
                node("none"),
                node("one", soft.formatted("")),
                node("two", soft.formatted(", {key: l, effect: PreferNoSchedule}")));
        assertThat(Verdicts.score(new TaintToleration(), pod("p", ""), snapshot))
                .containsEntry("none", 100L)
                .containsEntry("one", 50L)
                .containsEntry("two", 0L);
    }

    @Test
    void preferredNodeAffinityAddsWeights() {
        String spec = """
                affinity:
                  nodeAffinity:
                    preferredDuringSchedulingIgnoredDuringExecution:
                    - {weight: 3, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}
                    - {weight: 1, preference: {matchExpressions: [{key: zone, operator: In, values: [z]}]}}
                """;
        var snapshot = snapshot(node("both disk=ssd zone=z"), node("disk disk=ssd"), node("zone zone=z"), node("none"));
        assertThat(Verdicts.score(new NodeAffinity(), pod("p", spec), snapshot))
                .containsEntry("both", 100L)
                .containsEntry("disk", 75L)
                .containsEntry("zone", 25L)
                .containsEntry("none", 0L);
    }
}
