package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.nodeInfo;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static dev.sampan.scheduler.testing.Fixtures.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.framework.Prefilter;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterPodAffinityTest {

    private static final String NOT_NEAR = "node(s) didn't match pod affinity rules !";
    private static final String NOT_AWAY = "node(s) didn't match pod anti-affinity rules";
    private static final String UNWELCOME = "node(s) didn't satisfy existing pods anti-affinity rules";

    private final InterPodAffinity plugin = new InterPodAffinity();

    private static String near(String label, String key) {
        return rule("podAffinity", label, key, "");
    }

    private static String away(String label, String key) {
        return rule("podAntiAffinity", label, key, "");
    }

    private static String rule(String kind, String label, String key, String more) {
        return "affinity: {%s: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {%s}}, topologyKey: %s%s}]}}"
                .formatted(kind, label, key, more);
    }

    private static HasMetadata[] threeNodes(HasMetadata... more) {
        List<HasMetadata> all =
                new ArrayList<>(List.of(node("a1 zone=a"), node("a2 zone=a"), node("b1 zone=b"), node("none")));
        all.addAll(List.of(more));
        return all.toArray(HasMetadata[]::new);
    }

    @Test
    void affinityHoldsPerDomain() {
        var snapshot = snapshot(threeNodes(on("a1", pod("db app=db", ""))));
        assertThat(Verdicts.filter(plugin, pod("p", near("app: db", "zone")), snapshot))
                .containsEntry("a1", "ok")
                .containsEntry("a2", "ok")
                .containsEntry("b1", NOT_NEAR)
                .containsEntry("none", NOT_NEAR);
    }

    @Test
    void firstOfAGroupMayStartAnywhereWithTheLabel() {
        var snapshot = snapshot(threeNodes());
        assertThat(Verdicts.filter(plugin, pod("p app=db", near("app: db", "zone")), snapshot))
                .containsEntry("a1", "ok")
                .containsEntry("b1", "ok")
                .containsEntry("none", NOT_NEAR);
        assertThat(Verdicts.filter(plugin, pod("p app=web", near("app: db", "zone")), snapshot))
                .containsEntry("a1", NOT_NEAR);
    }

    @Test
    void antiAffinityHoldsPerDomain() {
        var snapshot = snapshot(threeNodes(on("a1", pod("db app=db", ""))));
        assertThat(Verdicts.filter(plugin, pod("p", away("app: db", "zone")), snapshot))
                .containsEntry("a1", NOT_AWAY)
                .containsEntry("a2", NOT_AWAY)
                .containsEntry("b1", "ok")
                .containsEntry("none", "ok");
    }

    @Test
    void existingPodsKeepOthersAway() {
        var snapshot = snapshot(threeNodes(on("a1", pod("db app=db", away("app: web", "zone")))));
        assertThat(Verdicts.filter(plugin, pod("p app=web", ""), snapshot))
                .containsEntry("a2", UNWELCOME)
                .containsEntry("b1", "ok");
        assertThat(Verdicts.filter(plugin, pod("p app=other", ""), snapshot)).containsEntry("a2", "ok");
    }

    @Test
    void otherNamespacesOnlyWhenSelected() {
        var other = on("a1", pod("db app=db", ""));
        other.getMetadata().setNamespace("team");
        var namespace = yaml("metadata: {name: team, labels: {kind: backend}}", Namespace.class);
        var snapshot = snapshot(threeNodes(other, namespace));
        assertThat(Verdicts.filter(plugin, pod("p", away("app: db", "zone")), snapshot))
                .containsEntry("a1", "ok");
        for (String selection : List.of(
                ", namespaces: [team]",
                ", namespaceSelector: {}",
                ", namespaceSelector: {matchLabels: {kind: backend}}")) {
            var pod = pod("p", rule("podAntiAffinity", "app: db", "zone", selection));
            assertThat(Verdicts.filter(plugin, pod, snapshot))
                    .as(selection)
                    .containsEntry("a1", NOT_AWAY)
                    .containsEntry("b1", "ok");
        }
    }

    @Test
    void countsFollowAReplacedNode() {
        var snapshot = snapshot(threeNodes(on("a1", pod("db app=db", away("app: web", "zone")))));
        var before = nodeInfo(snapshot, "a1");
        var after = before.without("uid-db");
        var prefilter = plugin.prefilter(info(pod("p app=web", away("app: db", "zone"))), snapshot);
        assertThat(prefilter).isInstanceOfSatisfying(Prefilter.Check.class, check -> {
            assertThat(check.check().check(before)).isNotNull();
            assertThat(check.check().replacing(before, after).check(after)).isNull();
            assertThat(check.check().replacing(before, after).check(nodeInfo(snapshot, "a2")))
                    .isNull();
        });
    }

    @Test
    void preferencesOfThePodAndOfOthersAddUp() {
        String preferred =
                "affinity: {%s: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: %d, podAffinityTerm: {labelSelector: {matchLabels: {%s}}, topologyKey: zone}}]}}";
        var snapshot = snapshot(threeNodes(
                on("a1", pod("db app=db", "")),
                on("b1", pod("cache app=cache", preferred.formatted("podAntiAffinity", 5, "app: web")))));
        assertThat(Verdicts.score(plugin, pod("p app=web", preferred.formatted("podAffinity", 5, "app: db")), snapshot))
                .containsEntry("a1", 100L)
                .containsEntry("a2", 100L)
                .containsEntry("none", 50L)
                .containsEntry("b1", 0L);
    }
}
