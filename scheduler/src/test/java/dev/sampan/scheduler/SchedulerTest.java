package dev.sampan.scheduler;

import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;
import static dev.sampan.scheduler.testing.Fixtures.withPriority;
import static dev.sampan.scheduler.testing.Fixtures.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scheduler against a real API server in memory. */
class SchedulerTest {

    private final TestApi api = TestApi.start();
    private final KubernetesClient client = api.admin();
    /** With the rights of Kubernetes' scheduler and no more. */
    private final KubernetesClient own = api.client("system:kube-scheduler");

    private final Informers informers = Informers.over(own);
    private final Scheduler scheduler = new Scheduler(
            own, informers, Timers.system(), SchedulerConfig.defaults().withSeed(1));

    @BeforeEach
    void open() {
        client.resource(yaml("metadata: {name: default, namespace: default}", ServiceAccount.class))
                .create();
        scheduler.start();
    }

    @AfterEach
    void close() {
        scheduler.close();
        informers.close();
        api.close();
    }

    private void create(HasMetadata object) {
        object.getMetadata().setUid(null);
        client.resource(object).create();
    }

    private void create(Node node) {
        Node created = client.resource(node).create();
        created.setStatus(node.getStatus());
        client.resource(created).updateStatus();
    }

    private Pod get(String name) {
        return Objects.requireNonNull(
                client.pods().inNamespace("default").withName(name).get());
    }

    private void awaitNode(String pod, String node) {
        await().untilAsserted(() -> assertThat(get(pod).getSpec().getNodeName()).isEqualTo(node));
    }

    private List<String> events(String name) {
        return client.v1().events().inNamespace("default").list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(name))
                .map(e -> e.getType() + " " + e.getReason() + ": " + e.getMessage())
                .toList();
    }

    private PodCondition scheduled(String name) {
        return get(name).getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("PodScheduled"))
                .findFirst()
                .orElseGet(PodCondition::new);
    }

    @Test
    void bindsAPodAndSaysSo() {
        create(node("a"));
        create(requesting("p", "{cpu: '1'}"));
        awaitNode("p", "a");
        assertThat(scheduled("p").getStatus()).isEqualTo("True");
        await().untilAsserted(() ->
                assertThat(events("p")).contains("Normal Scheduled: Successfully assigned default/p to a"));
    }

    @Test
    void explainsAPodThatFitsNowhereAndBindsItWhenItDoes() {
        create(requesting("p", "{cpu: '5'}"));
        await().untilAsserted(() ->
                assertThat(events("p")).contains("Warning FailedScheduling: no nodes available to schedule pods"));
        create(node("a"));
        String message =
                "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
        await().untilAsserted(() -> {
            assertThat(events("p")).contains("Warning FailedScheduling: " + message);
            assertThat(scheduled("p").getStatus()).isEqualTo("False");
            assertThat(scheduled("p").getReason()).isEqualTo("Unschedulable");
            assertThat(scheduled("p").getMessage()).isEqualTo(message);
        });
        create(node("large", "{}", "{cpu: '8', memory: 8Gi, pods: '10'}"));
        awaitNode("p", "large");
    }

    @Test
    void evictsLessImportantPods() {
        client.resource(yaml("metadata: {name: high}\nvalue: 100", PriorityClass.class))
                .create();
        create(node("a"));
        create(requesting("low", "{cpu: '4'}"));
        awaitNode("low", "a");
        Pod urgent = requesting("urgent", "{cpu: '2'}");
        urgent.getSpec().setPriorityClassName("high");
        create(withPriority(100, urgent));
        await().untilAsserted(() -> {
            assertThat(get("urgent").getStatus().getNominatedNodeName()).isEqualTo("a");
            assertThat(get("low").getMetadata().getDeletionTimestamp()).isNotNull();
            assertThat(events("low")).anyMatch(e -> e.startsWith("Normal Preempted: Preempted by pod "));
        });
        // The node agent would do this when the containers have ended.
        client.pods().inNamespace("default").withName("low").withGracePeriod(0).delete();
        awaitNode("urgent", "a");
    }

    @Test
    void waitsForGates() {
        create(node("a"));
        create(pod("p", "schedulingGates: [{name: example.com/wait}]"));
        await().untilAsserted(() -> assertThat(scheduled("p").getReason()).isEqualTo("SchedulingGated"));
        assertThat(get("p").getSpec().getNodeName()).isNull();
        client.pods()
                .inNamespace("default")
                .withName("p")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"schedulingGates\":null}}");
        awaitNode("p", "a");
    }

    @Test
    void asksForVolumesOnTheChosenNodeAndWaitsForThem() {
        create(node("a"));
        client.resource(yaml(
                        "metadata: {name: local}\nprovisioner: sampan.dev/local\nvolumeBindingMode: WaitForFirstConsumer",
                        StorageClass.class))
                .create();
        client.resource(yaml("""
                        metadata: {name: data, namespace: default}
                        spec: {storageClassName: local, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
                        """, PersistentVolumeClaim.class)).create();
        create(pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"));
        var claim = client.persistentVolumeClaims().inNamespace("default").withName("data");
        await().untilAsserted(() -> assertThat(claim.get().getMetadata().getAnnotations())
                .containsEntry("volume.kubernetes.io/selected-node", "a"));
        assertThat(get("p").getSpec().getNodeName()).isNull();
        claim.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"volumeName\":\"pv\"}}");
        claim.subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Bound\"}}");
        awaitNode("p", "a");
    }

    @Test
    void leavesPodsOfOtherSchedulersAlone() {
        create(node("a"));
        Pod other = pod("other", "");
        other.getSpec().setSchedulerName("custom");
        create(other);
        create(pod("ours", ""));
        awaitNode("ours", "a");
        assertThat(get("other").getSpec().getNodeName()).isNull();
    }
}
