package dev.sampan.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.WholeServer.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The subresources of a pod: resize, ephemeralcontainers, binding, eviction. */
class PodPartsTest {

    private static final String POD = "/api/v1/namespaces/team/pods/web";

    @TempDir
    private Path temp;

    private WholeServer server;

    @BeforeEach
    void start() {
        server = new WholeServer(temp);
        server.namespace("team");
        server.post("/api/v1/namespaces/team/pods", """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, labels: {app: web}}
                spec: {containers: [{name: c, image: x, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2}}}]}
                """).ok();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer strategic(String subresource, String body) {
        var headers = Map.of("content-type", List.of("application/strategic-merge-patch+json"));
        return server.call(WholeServer.ADMIN, "PATCH", POD + "/" + subresource, body, headers);
    }

    @Test
    void resizeChangesCpuAndMemoryAlone() {
        var grown = strategic("resize", "spec: {containers: [{name: c, resources: {requests: {cpu: 1500m}}}]}")
                .ok();
        assertThat(grown.at("spec.containers.0.resources.requests.cpu")).isEqualTo("1500m");
        assertThat(grown.at("metadata.generation")).isEqualTo("2");
        assertThat(strategic("resize", "spec: {containers: [{name: c, image: z}]}")
                        .refused(422)
                        .message())
                .contains("spec: Forbidden: only cpu and memory resources are mutable");
        assertThat(strategic("resize", "spec: {containers: [{name: c, resources: {requests: {memory: null}}}]}")
                        .refused(422)
                        .message())
                .contains("spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed");
        assertThat(strategic(
                                "resize",
                                "spec: {containers: [{name: c, resources: {requests: {cpu: 2}, limits: {memory: 1Gi}}}]}")
                        .refused(422)
                        .message())
                .contains("Pod QOS Class may not change as a result of resizing");
        assertThat(server.patch(POD, "spec: {containers: [{name: c, image: x, resources: {requests: {cpu: 3}}}]}")
                        .code())
                .isEqualTo(422);
    }

    @Test
    void ephemeralContainersAreOnlyAdded() {
        var debug = strategic(
                        "ephemeralcontainers",
                        "spec: {ephemeralContainers: [{name: d, image: b, targetContainerName: c}]}")
                .ok();
        assertThat(debug.at("spec.ephemeralContainers.0.imagePullPolicy")).isEqualTo("Always");
        assertThat(strategic("ephemeralcontainers", "spec: {ephemeralContainers: [{name: d, image: other}]}")
                        .refused(422)
                        .message())
                .contains("existing ephemeral containers \"d\" may not be changed");
        assertThat(strategic(
                                "ephemeralcontainers",
                                "spec: {ephemeralContainers: [{name: e, image: b, ports: [{containerPort: 1}]}]}")
                        .refused(422)
                        .message())
                .contains("spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container");
        assertThat(strategic("ephemeralcontainers", "spec: {ephemeralContainers: [{name: c, image: b}]}")
                        .refused(422)
                        .message())
                .contains("Duplicate value: \"c\"");
    }

    @Test
    void aPodIsBoundOnce() {
        var binding = "apiVersion: v1\nkind: Binding\nmetadata: {name: web}\ntarget: {kind: Node, name: n1}";
        server.post(POD + "/binding", binding).ok();
        assertThat(server.get(POD).at("spec.nodeName")).isEqualTo("n1");
        assertThat(server.get(POD).at("status.conditions.0.type")).isEqualTo("PodScheduled");
        assertThat(server.post(POD + "/binding", binding).refused(409).message())
                .contains("already assigned to node \"n1\"");
    }

    @Test
    void evictionMindsTheBudget() {
        server.post("/apis/policy/v1/namespaces/team/poddisruptionbudgets", """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: b}
                spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
                """).ok();
        var budget = "/apis/policy/v1/namespaces/team/poddisruptionbudgets/b";
        server.patch(POD + "/status", "status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}")
                .ok();
        server.patch(
                        budget + "/status",
                        "status: {observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1}")
                .ok();
        var eviction = "apiVersion: policy/v1\nkind: Eviction\nmetadata: {name: web, namespace: team}";
        var refused = server.post(POD + "/eviction", eviction).refused(429);
        assertThat(refused.message()).isEqualTo("Cannot evict pod as it would violate the pod's disruption budget.");
        assertThat(refused.at("details.causes.0.reason")).isEqualTo("DisruptionBudget");
        server.patch(budget + "/status", "status: {disruptionsAllowed: 1}").ok();
        server.post(POD + "/eviction?dryRun=All", eviction).ok();
        server.post(POD + "/eviction", eviction).ok();
        assertThat(server.get(budget).at("status.disruptionsAllowed")).isEqualTo("0");
    }
}
