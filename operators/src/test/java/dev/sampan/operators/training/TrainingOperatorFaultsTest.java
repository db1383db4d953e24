package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.InProcessApi;
import dev.sampan.client.Informers;
import dev.sampan.client.testing.FaultyApi;
import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator behind an API that refuses writes, loses answers of writes that were made, and drops watches; the test plays a node on
 * which containers get killed. Whatever happens: never a pod too many, and in the end the job has succeeded.
 */
@Timeout(120)
final class TrainingOperatorFaultsTest {

    private static final int WORKERS = 3;
    private static final String JOB = """
            {"apiVersion": "kubeflow.org/v1", "kind": "TFJob", "metadata": {"name": "j", "namespace": "ml"},
             "spec": {"successPolicy": "AllWorkers", "tfReplicaSpecs": {"Worker": {"replicas": 3, "restartPolicy": "ExitCode",
               "template": {"spec": {"containers": [{"name": "tensorflow", "image": "sampan/trainer"}]}}}}}}""";

    private final ManualTimers timers = new ManualTimers();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theJobSucceeds(long seed) throws Exception {
        var random = new Random(seed);
        try (var api = TestApi.start(timers)) {
            var faults = new FaultyApi[1];
            var client = api.admin(delegate -> {
                faults[0] = new FaultyApi(losingAnswers(delegate, new Random(seed)));
                return faults[0];
            });
            var healthy = api.admin();
            prepare(healthy);
            try (var informers = Informers.over(client);
                    var operator = new TrainingOperator(client, informers, timers, TrainingOperator.Config.DEFAULT)) {
                operator.start();
                healthy.resource(healthy.getKubernetesSerialization().unmarshal(JOB, TFJob.class))
                        .create();
                faults[0].answer(refusing(new Random(seed)));
                var step = new AtomicInteger();
                await().pollInterval(Duration.ofMillis(3))
                        .atMost(Duration.ofSeconds(90))
                        .until(() -> {
                            playNode(healthy, random, step.getAndIncrement());
                            if (random.nextInt(10) == 0) {
                                faults[0].dropWatches();
                            }
                            timers.advance(Duration.ofMillis(500));
                            return succeeded(healthy);
                        });
            }
            assertThat(pods(healthy))
                    .extracting(pod -> pod.getStatus().getPhase())
                    .containsOnly("Succeeded")
                    .hasSize(WORKERS);
        }
    }

    private static void prepare(KubernetesClient client) {
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
    }

    /** Every eighth write is made, but its answer is lost. */
    private static InProcessApi losingAnswers(InProcessApi delegate, Random random) {
        return request -> {
            var answer = delegate.handle(request);
            if (isWrite(request) && next(random, 8) == 0) {
                throw new IOException("injected: the answer is lost");
            }
            return answer;
        };
    }

    /** Every fourth write is refused. */
    private static Function<InProcessApi.Request, InProcessApi.@Nullable Response> refusing(Random random) {
        return request -> isWrite(request) && next(random, 4) == 0
                ? FaultyApi.failure(
                        next(random, 2) == 0 ? 409 : 503, next(random, 2) == 0 ? "Conflict" : "ServiceUnavailable")
                : null;
    }

    private static int next(Random random, int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    private static boolean isWrite(InProcessApi.Request request) {
        return !request.method().equals("GET") && !request.pathAndQuery().contains("/events");
    }

    private static List<Pod> pods(KubernetesClient client) {
        return client.pods().inNamespace("ml").list().getItems();
    }

    private static boolean succeeded(KubernetesClient client) {
        var status = client.resources(TFJob.class)
                .inNamespace("ml")
                .withName("j")
                .get()
                .getStatus();
        var conditions =
                Objects.requireNonNullElse(status == null ? null : status.conditions(), List.<JobCondition>of());
        assertThat(conditions).noneMatch(condition -> condition.type().equals(JobCondition.FAILED));
        return conditions.stream().anyMatch(condition -> condition.type().equals(JobCondition.SUCCEEDED));
    }

    /** Starts pods, ends them, kills them at first; what was asked to go, goes. */
    private static void playNode(KubernetesClient client, Random random, int step) {
        var pods = pods(client);
        assertThat(pods).hasSizeLessThanOrEqualTo(WORKERS);
        for (var pod : pods) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                client.resource(pod).withGracePeriod(0).delete();
                continue;
            }
            switch (Objects.requireNonNullElse(pod.getStatus().getPhase(), "Pending")) {
                case "Pending" -> report(client, pod, "Running", 0);
                case "Running" -> {
                    if (random.nextInt(3) == 0) {
                        boolean killed = step < 20 && random.nextBoolean();
                        report(client, pod, killed ? "Failed" : "Succeeded", killed ? 137 : 0);
                    }
                }
                default -> {}
            }
        }
    }

    private static void report(KubernetesClient client, Pod pod, String phase, int exitCode) {
        var status = new PodStatusBuilder().withPhase(phase);
        if (!phase.equals("Running")) {
            status.addNewContainerStatus()
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
                    .endContainerStatus();
        }
        client.resource(pod).editStatus(current -> {
            current.setStatus(status.build());
            return current;
        });
    }
}
