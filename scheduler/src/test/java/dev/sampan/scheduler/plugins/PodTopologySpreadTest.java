package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodTopologySpreadTest {

    private static final String SKEWED = "node(s) didn't match pod topology spread constraints";

    private final PodTopologySpread plugin = new PodTopologySpread();

    private static String spread(String rest) {
        return "topologySpreadConstraints: [{topologyKey: zone, labelSelector: {matchLabels: {app: web}}, %s}]"
                .formatted(rest);
    }

    /** Two web pods in zone a, one in zone b, none in zone c. */
    private static Snapshot cluster() {
        return snapshot(
                node("a1 zone=a"),
                node("a2 zone=a"),
                node("b1 zone=b"),
                node("c1 zone=c", "{taints: [{key: k, effect: NoSchedule}]}"),
                node("none"),
                on("a1", pod("w1 app=web", "")),
                on("a2", pod("w2 app=web", "")),
                on("b1", pod("w3 app=web", "")),
                on("b1", pod("x app=other", "")));
    }

    @Test
    void hardConstraintBoundsTheSkew() {
        var pod = pod("p app=web", spread("maxSkew: 1, whenUnsatisfiable: DoNotSchedule"));
        assertThat(Verdicts.filter(plugin, pod, cluster()))
                .containsEntry("a1", SKEWED)
                .containsEntry("b1", SKEWED)
                .containsEntry("c1", "ok")
                .containsEntry("none", SKEWED + " (missing required label) !");
    }

    @Test
    void domainsOfTaintedNodesCanBeLeftOut() {
        var pod = pod("p app=web", spread("maxSkew: 1, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor"));
        assertThat(Verdicts.filter(plugin, pod, cluster()))
                .containsEntry("a1", SKEWED)
                .containsEntry("b1", "ok");
    }

    @Test
    void fewerDomainsThanAskedForCountAsEmptyOnes() {
        var pod = pod(
                "p app=web",
                spread("maxSkew: 1, whenUnsatisfiable: DoNotSchedule, minDomains: 4, nodeTaintsPolicy: Honor"));
        assertThat(Verdicts.filter(plugin, pod, cluster())).containsEntry("b1", SKEWED);
    }

    @Test
    void matchLabelKeysCountOnlyTheSameRevision() {
        var snapshot = snapshot(
                node("a1 zone=a"),
                node("b1 zone=b"),
                on("a1", pod("old app=web rev=1", "")),
                on("b1", pod("new app=web rev=2", "")));
        var pod = pod("p app=web rev=2", spread("maxSkew: 1, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [rev]"));
        assertThat(Verdicts.filter(plugin, pod, snapshot))
                .containsEntry("a1", "ok")
                .containsEntry("b1", SKEWED);
    }

    @Test
    void terminatingPodsDoNotCount() {
        var leaving = on("a1", pod("old app=web", ""));
        leaving.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        var snapshot = snapshot(node("a1 zone=a"), node("b1 zone=b"), leaving, on("b1", pod("x app=web", "")));
        var pod = pod("p app=web", spread("maxSkew: 1, whenUnsatisfiable: DoNotSchedule"));
        assertThat(Verdicts.filter(plugin, pod, snapshot))
                .containsEntry("a1", "ok")
                .containsEntry("b1", SKEWED);
    }

    @Test
    void softConstraintPrefersEmptierDomains() {
        var pod = pod("p app=web", spread("maxSkew: 1, whenUnsatisfiable: ScheduleAnyway"));
        var scores = Verdicts.score(plugin, pod, cluster());
        assertThat(scores.get("c1")).isEqualTo(100);
        assertThat(List.of(scores.get("a1"), scores.get("b1"), scores.get("c1")))
                .isSorted();
        assertThat(scores).containsEntry("none", 0L);
        assertThat(scores.get("a1")).isEqualTo(scores.get("a2"));
    }
}
