package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.Informers;
import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator against a real API server; the test plays the node. */
@Timeout(60)
final class TrainingOperatorTest {

    private static final String SPEC = """
            {"apiVersion": "kubeflow.org/v1", "kind": "TFJob", "metadata": {"name": "%s", "namespace": "ml"},
             "spec": {"runPolicy": %s, "tfReplicaSpecs": {"Worker": {"replicas": 2, "restartPolicy": "%s", "template":
               {"spec": {"containers": [{"name": "%s", "image": "sampan/trainer"}]}}}}}}""";

    private final ManualTimers timers = new ManualTimers();
    private final TestApi api = TestApi.start(timers);
    private final KubernetesClient client = api.admin();
    private Informers informers = Informers.over(client);
    private TrainingOperator operator = operator();

    private TrainingOperator operator() {
        return new TrainingOperator(client, informers, timers, TrainingOperator.Config.DEFAULT);
    }

    @BeforeEach
    void start() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("ml")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace("ml")
                        .endMetadata()
                        .build())
                .create();
        TrainingKinds.install(client);
        operator.start();
    }

    @AfterEach
    void close() {
        operator.close();
        informers.close();
        api.close();
    }

    private TFJob submit(String name, String runPolicy, String restartPolicy, String container) {
        var json = SPEC.formatted(name, runPolicy, restartPolicy, container);
        return client.resource(client.getKubernetesSerialization().unmarshal(json, TFJob.class))
                .create();
    }

    private TFJob submit(String restartPolicy) {
        return submit("mnist", "{}", restartPolicy, "tensorflow");
    }

    private List<String> pods() {
        return names(client.pods().inNamespace("ml").list().getItems());
    }

    private List<String> services() {
        return names(client.services().inNamespace("ml").list().getItems());
    }

    private static List<String> names(List<? extends HasMetadata> objects) {
        return objects.stream()
                .map(object -> object.getMetadata().getName())
                .sorted()
                .toList();
    }

    private JobStatus status(String name) {
        var job = client.resources(TFJob.class).inNamespace("ml").withName(name).get();
        return Objects.requireNonNull(job.getStatus());
    }

    private List<String> conditions(String name) {
        return Objects.requireNonNullElse(status(name).conditions(), List.<JobCondition>of()).stream()
                .map(condition -> condition.type() + "=" + condition.status())
                .toList();
    }

    private void awaitPods(String... names) {
        await().untilAsserted(() -> assertThat(pods()).containsExactly(names));
    }

    private void awaitConditions(String... conditions) {
        await().untilAsserted(() -> assertThat(conditions("mnist")).containsExactly(conditions));
    }

    private Pod pod(String name) {
        return client.pods().inNamespace("ml").withName(name).get();
    }

    private void nodeSays(String name, String phase) {
        report(name, new PodStatusBuilder().withPhase(phase).build());
    }

    private void nodeSays(String name, String phase, int exitCode) {
        report(
                name,
                new PodStatusBuilder()
                        .withPhase(phase)
                        .addNewContainerStatus()
                        .withName("tensorflow")
                        .withImage("sampan/trainer")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .build());
    }

    private void report(String name, io.fabric8.kubernetes.api.model.PodStatus status) {
        client.pods().inNamespace("ml").withName(name).editStatus(pod -> {
            pod.setStatus(status);
            return pod;
        });
    }

    @Test
    void aJobRunsAndSucceeds() {
        submit("Never");
        awaitPods("mnist-worker-0", "mnist-worker-1");
        assertThat(services()).containsExactly("mnist-worker-0", "mnist-worker-1");
        var environment =
                pod("mnist-worker-1").getSpec().getContainers().getFirst().getEnv();
        assertThat(environment).extracting("name").containsExactly("TF_CONFIG");
        assertThat(environment.getFirst().getValue()).contains("\"mnist-worker-0.ml.svc:2222\"", "\"index\":1");
        awaitConditions("Created=True");

        nodeSays("mnist-worker-0", "Running");
        nodeSays("mnist-worker-1", "Running");
        awaitConditions("Created=True", "Running=True");
        nodeSays("mnist-worker-1", "Succeeded", 0);
        nodeSays("mnist-worker-0", "Succeeded", 0);
        awaitConditions("Created=True", "Running=False", "Succeeded=True");
        assertThat(status("mnist").completionTime()).isEqualTo(timers.instant().toString());
        assertThat(pods()).hasSize(2);
        await().untilAsserted(() -> assertThat(events())
                .contains(
                        "SuccessfulCreatePod Created pod: mnist-worker-0",
                        "SuccessfulCreateService Created service: mnist-worker-1",
                        "TFJobSucceeded TFJob ml/mnist successfully completed."));
    }

    private List<String> events() {
        return client.v1().events().inNamespace("ml").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals("TFJob"))
                .map((Event event) -> event.getReason() + " " + event.getMessage())
                .toList();
    }

    @Test
    void lostAndRetryablePodsAreMadeAnew() {
        submit("ExitCode");
        awaitPods("mnist-worker-0", "mnist-worker-1");
        var lost = pod("mnist-worker-0").getMetadata().getUid();
        client.pods()
                .inNamespace("ml")
                .withName("mnist-worker-0")
                .withGracePeriod(0)
                .delete();
        await().until(() -> pod("mnist-worker-0") != null
                && !pod("mnist-worker-0").getMetadata().getUid().equals(lost));

        nodeSays("mnist-worker-0", "Running");
        var killed = pod("mnist-worker-1").getMetadata().getUid();
        nodeSays("mnist-worker-1", "Failed", 137);
        await().until(() -> pod("mnist-worker-1") != null
                && !pod("mnist-worker-1").getMetadata().getUid().equals(killed));
        nodeSays("mnist-worker-1", "Running");
        awaitConditions("Created=True", "Running=True");
        nodeSays("mnist-worker-1", "Failed", 1);
        awaitConditions("Created=True", "Running=False", "Failed=True");
    }

    @Test
    void aPodOfSomebodyElseIsNotTakenOver() {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("mnist-worker-0")
                        .withNamespace("ml")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("other")
                        .withImage("other")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        submit("Never");
        await().untilAsserted(() -> assertThat(events())
                .anySatisfy(event -> assertThat(event)
                        .startsWith("FailedCreatePod Error creating")
                        .contains("already exists")));
        client.pods()
                .inNamespace("ml")
                .withName("mnist-worker-0")
                .withGracePeriod(0)
                .delete();
        await().until(() -> {
            timers.advance(Duration.ofSeconds(1));
            return pods().equals(List.of("mnist-worker-0", "mnist-worker-1"));
        });
    }

    @Test
    void aBadJobSaysWhatIsWrong() {
        submit("mnist", "{}", "Never", "main");
        awaitConditions("Created=True", "Failed=True");
        assertThat(Objects.requireNonNull(status("mnist").conditions())
                        .getLast()
                        .message())
                .isEqualTo(
                        "TFJob failed validation because spec.tfReplicaSpecs[Worker].template.spec.containers: Required value:"
                                + " must have at least one container with name tensorflow");
        assertThat(pods()).isEmpty();
    }

    @Test
    void anotherOperatorTakesUpWhereOneStopped() {
        submit("Never");
        awaitPods("mnist-worker-0", "mnist-worker-1");
        operator.close();
        informers.close();
        nodeSays("mnist-worker-0", "Succeeded", 0);
        client.pods()
                .inNamespace("ml")
                .withName("mnist-worker-1")
                .withGracePeriod(0)
                .delete();
        informers = Informers.over(client);
        operator = operator();
        operator.start();
        awaitConditions("Created=True", "Succeeded=True");
    }

    @Test
    void timeEndsAndRemovesJobs() {
        submit("mnist", "{\"activeDeadlineSeconds\": 60, \"ttlSecondsAfterFinished\": 600}", "Never", "tensorflow");
        awaitConditions("Created=True");
        await().until(() -> timers.nextDue() != null);
        timers.advance(Duration.ofSeconds(61));
        awaitConditions("Created=True", "Failed=True");
        await().untilAsserted(() -> assertThat(services()).isEmpty());
        await().until(() -> {
            timers.advance(Duration.ofSeconds(100));
            return client.resources(TFJob.class)
                            .inNamespace("ml")
                            .withName("mnist")
                            .get()
                    == null;
        });
    }

    @Test
    void aSuspendedJobHasNoPods() {
        submit("mnist", "{\"suspend\": true}", "Never", "tensorflow");
        awaitConditions("Created=True", "Suspended=True");
        assertThat(pods()).isEmpty();
        client.resources(TFJob.class).inNamespace("ml").withName("mnist").edit(job -> {
            job.setSpec(new TFJobSpec(null, null, job.getSpec().tfReplicaSpecs(), null));
            return job;
        });
        awaitPods("mnist-worker-0", "mnist-worker-1");
        awaitConditions("Created=True", "Suspended=False");
    }
}
