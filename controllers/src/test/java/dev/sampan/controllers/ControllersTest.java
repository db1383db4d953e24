package dev.sampan.controllers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.Timers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All controllers together against a real API server; a fake node runs the pods. */
class ControllersTest {

    private static final Map<String, String> APP = Map.of("app", "web");

    @TempDir
    Path volumes;

    private final TestApi api = TestApi.start();
    private final KubernetesClient client = api.admin();
    private final Map<String, String> phases = new ConcurrentHashMap<>();
    private Controllers controllers;
    private FakeNode node;

    @BeforeEach
    void start() {
        controllers = new Controllers(api.admin(), ControllersConfig.defaults("CA", volumes));
        node = new FakeNode(api.admin(), Timers.system(), pod -> phases.getOrDefault(image(pod), "Running"));
        controllers.start();
        node.start();
    }

    private static String image(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getImage();
    }

    @AfterEach
    void close() {
        node.close();
        controllers.close();
        api.close();
    }

    private static Deployment deployment(String name, int replicas, String image) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .withMatchLabels(APP)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(APP)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage(image)
                .addNewPort()
                .withName("http")
                .withContainerPort(8080)
                .endPort()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private Deployment web() {
        return client.apps()
                .deployments()
                .inNamespace("default")
                .withName("web")
                .get();
    }

    private List<Pod> pods() {
        return client.pods().inNamespace("default").list().getItems();
    }

    private List<ReplicaSet> replicaSets() {
        return client.apps().replicaSets().inNamespace("default").list().getItems();
    }

    private void awaitRollout(int replicas, String image) {
        await().untilAsserted(() -> {
            var status = web().getStatus();
            assertThat(status.getObservedGeneration())
                    .isEqualTo(web().getMetadata().getGeneration());
            assertThat(status.getUpdatedReplicas()).isEqualTo(replicas);
            assertThat(status.getAvailableReplicas()).isEqualTo(replicas);
            assertThat(status.getReplicas()).isEqualTo(replicas);
            assertThat(pods()).hasSize(replicas).allMatch(p -> image(p).equals(image));
        });
    }

    @Test
    void aDeploymentRollsOutAndBack() {
        client.resource(deployment("web", 4, "v1")).create();
        awaitRollout(4, "v1");
        client.apps().deployments().inNamespace("default").withName("web").edit(d -> withImage(d, "v2"));
        awaitRollout(4, "v2");
        await().untilAsserted(() -> assertThat(web().getMetadata().getAnnotations())
                .containsEntry("deployment.kubernetes.io/revision", "2"));
        assertThat(replicaSets()).hasSize(2);
        client.apps().deployments().inNamespace("default").withName("web").edit(d -> withImage(d, "v1"));
        awaitRollout(4, "v1");
        await().untilAsserted(() -> assertThat(web().getMetadata().getAnnotations())
                .containsEntry("deployment.kubernetes.io/revision", "3"));
        assertThat(replicaSets()).hasSize(2);
        await().untilAsserted(() -> assertThat(web().getStatus().getConditions())
                .extracting(c -> c.getType() + c.getStatus() + c.getReason())
                .containsExactlyInAnyOrder(
                        "AvailableTrueMinimumReplicasAvailable", "ProgressingTrueNewReplicaSetAvailable"));
        assertThat(client.v1().events().inNamespace("default").list().getItems())
                .extracting(e -> e.getReason())
                .contains("ScalingReplicaSet", "SuccessfulCreate", "SuccessfulDelete");
    }

    private static Deployment withImage(Deployment deployment, String image) {
        return new DeploymentBuilder(deployment)
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    @Test
    void aDeletedDeploymentTakesItsPodsAlong() {
        client.resource(deployment("web", 3, "v1")).create();
        awaitRollout(3, "v1");
        client.apps().deployments().inNamespace("default").withName("web").delete();
        await().untilAsserted(() -> {
            assertThat(replicaSets()).isEmpty();
            assertThat(pods()).isEmpty();
        });
    }

    @Test
    void foregroundDeletionWaitsForTheDependents() {
        client.resource(deployment("web", 3, "v1")).create();
        awaitRollout(3, "v1");
        client.apps()
                .deployments()
                .inNamespace("default")
                .withName("web")
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .delete();
        await().untilAsserted(() -> {
            assertThat(web()).isNull();
            assertThat(replicaSets()).isEmpty();
            assertThat(pods()).isEmpty();
        });
    }

    @Test
    void orphansAreAdoptedAgain() {
        client.resource(deployment("web", 2, "v1")).create();
        awaitRollout(2, "v1");
        var before = pods().stream().map(p -> p.getMetadata().getUid()).toList();
        client.apps()
                .deployments()
                .inNamespace("default")
                .withName("web")
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
        await().untilAsserted(() -> {
            assertThat(web()).isNull();
            assertThat(replicaSets())
                    .hasSize(1)
                    .allMatch(rs -> rs.getMetadata().getOwnerReferences().isEmpty());
        });
        client.resource(deployment("web", 2, "v1")).create();
        awaitRollout(2, "v1");
        assertThat(pods()).extracting(p -> p.getMetadata().getUid()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(replicaSets()).hasSize(1);
    }

    private void evict(Pod pod) {
        var eviction = new EvictionBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace("default")
                .endMetadata()
                .build();
        client.raw("/api/v1/namespaces/default/pods/" + pod.getMetadata().getName() + "/eviction", "POST", eviction);
    }

    @Test
    void aBudgetLetsPodsGoOneByOne() {
        client.resource(deployment("web", 3, "v1")).create();
        client.resource(new PodDisruptionBudgetBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .withMaxUnavailable(new IntOrString("34%"))
                        .withNewSelector()
                        .withMatchLabels(APP)
                        .endSelector()
                        .endSpec()
                        .build())
                .create();
        awaitRollout(3, "v1");
        var budget = client.policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace("default")
                .withName("web");
        await().untilAsserted(() ->
                assertThat(budget.get().getStatus().getDisruptionsAllowed()).isEqualTo(2));

        assertThat(pods().getFirst())
                .satisfies(
                        pod -> assertThat(client.pods().resource(pod).evict()).isTrue());

        await().untilAsserted(() -> assertThat(budget.get().getStatus()).satisfies(status -> {
            assertThat(status.getExpectedPods()).isEqualTo(3);
            assertThat(status.getDesiredHealthy()).isEqualTo(1);
            assertThat(status.getCurrentHealthy()).isEqualTo(3);
            assertThat(status.getDisruptedPods()).isNullOrEmpty();
        }));
        budget.edit(b -> new PodDisruptionBudgetBuilder(b)
                .editSpec()
                .withMaxUnavailable(new IntOrString(0))
                .endSpec()
                .build());
        await().untilAsserted(() ->
                assertThat(budget.get().getStatus().getDisruptionsAllowed()).isZero());
        // No time to wait is named: clients would retry by themselves, and callers like kubectl drain never hear of it.
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> evict(pods().getFirst()))
                .satisfies(e -> {
                    assertThat(e.getCode()).isEqualTo(429);
                    assertThat(e.getStatus().getDetails().getRetryAfterSeconds())
                            .isNull();
                    assertThat(e.getStatus().getDetails().getCauses().getFirst().getMessage())
                            .isEqualTo("The disruption budget web needs 3 healthy pods and has 3 currently");
                });
    }

    @Test
    void aServiceFindsReadyPods() {
        client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(APP)
                        .addNewPort()
                        .withName("http")
                        .withPort(80)
                        .withNewTargetPort("http")
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        client.resource(deployment("web", 3, "v1")).create();
        awaitRollout(3, "v1");
        await().untilAsserted(() -> {
            var slices = client.discovery().v1().endpointSlices().inNamespace("default").list().getItems().stream()
                    .filter(s -> s.getMetadata().getName().startsWith("web-"))
                    .toList();
            assertThat(slices).hasSize(1);
            assertThat(slices.getFirst().getPorts())
                    .extracting(p -> p.getPort())
                    .containsExactly(8080);
            assertThat(slices.getFirst().getEndpoints())
                    .hasSize(3)
                    .allMatch(e ->
                            e.getConditions().getReady() && !e.getConditions().getTerminating());
            var subsets = client.endpoints()
                    .inNamespace("default")
                    .withName("web")
                    .get()
                    .getSubsets();
            assertThat(subsets).hasSize(1);
            assertThat(subsets.getFirst().getAddresses()).hasSize(3);
        });
    }

    @Test
    void aJobRunsToItsEnd() {
        phases.put("task", "Succeeded");
        client.resource(new JobBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("task")
                        .endMetadata()
                        .withNewSpec()
                        .withCompletions(5)
                        .withParallelism(2)
                        .withManualSelector(true)
                        .withNewSelector()
                        .addToMatchLabels("job", "task")
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("job", "task")
                        .endMetadata()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .addNewContainer()
                        .withName("c")
                        .withImage("task")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        await().untilAsserted(() -> {
            var status = client.batch()
                    .v1()
                    .jobs()
                    .inNamespace("default")
                    .withName("task")
                    .get()
                    .getStatus();
            assertThat(status.getSucceeded()).isEqualTo(5);
            assertThat(status.getConditions())
                    .filteredOn(c -> c.getStatus().equals("True"))
                    .extracting(c -> c.getType())
                    .containsExactlyInAnyOrder("SuccessCriteriaMet", "Complete");
            assertThat(status.getCompletionTime()).isNotNull();
        });
        assertThat(pods())
                .hasSize(5)
                .allMatch(p -> p.getMetadata().getFinalizers().isEmpty());
    }

    @Test
    void aNamespaceIsFurnishedAndEmptied() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("team")
                        .endMetadata()
                        .build())
                .create();
        await().untilAsserted(() -> {
            assertThat(client.serviceAccounts()
                            .inNamespace("team")
                            .withName("default")
                            .get())
                    .isNotNull();
            assertThat(client.configMaps()
                            .inNamespace("team")
                            .withName("kube-root-ca.crt")
                            .get()
                            .getData())
                    .containsEntry("ca.crt", "CA");
        });
        var inTeam = deployment("web", 2, "v1");
        inTeam.getMetadata().setNamespace("team");
        client.resource(inTeam).create();
        await().untilAsserted(() ->
                assertThat(client.pods().inNamespace("team").list().getItems()).hasSize(2));
        client.namespaces().withName("team").delete();
        await().untilAsserted(() -> {
            assertThat(client.namespaces().withName("team").get()).isNull();
            assertThat(client.pods().inNamespace("team").list().getItems()).isEmpty();
        });
    }

    private io.fabric8.kubernetes.api.model.PersistentVolumeClaim claim() {
        return client.persistentVolumeClaims()
                .inNamespace("default")
                .withName("models")
                .get();
    }

    @Test
    void aClaimGetsADirectoryAndLeavesNothing() {
        client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("models")
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Gi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        await().untilAsserted(() -> assertThat(claim().getStatus().getPhase()).isEqualTo("Bound"));
        assertThat(claim().getStatus().getCapacity()).containsEntry("storage", new Quantity("1Gi"));
        assertThat(claim().getSpec().getStorageClassName()).isEqualTo("standard");
        var volume = client.persistentVolumes()
                .withName(claim().getSpec().getVolumeName())
                .get();
        var directory = Path.of(volume.getSpec().getHostPath().getPath());
        assertThat(directory).isDirectory().hasParent(volumes);
        await().untilAsserted(
                        () -> assertThat(claim().getMetadata().getFinalizers()).isNotEmpty());
        client.persistentVolumeClaims()
                .inNamespace("default")
                .withName("models")
                .delete();
        await().untilAsserted(() -> {
            assertThat(claim()).isNull();
            assertThat(client.persistentVolumes().list().getItems()).isEmpty();
            assertThat(directory).doesNotExist();
        });
    }
}
