package dev.sampan.operators.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Plays the cases of {@code decisions/*.yaml}: a job with its pods and services at ten past, and what is to be done. */
final class JobDecisionTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00.25Z");

    private final KubernetesSerialization serialization = new KubernetesSerialization();

    @TestFactory
    Stream<DynamicTest> decisions() throws IOException, URISyntaxException {
        var folder = Path.of(
                Objects.requireNonNull(getClass().getResource("decisions")).toURI());
        List<Path> files;
        try (var list = Files.list(folder)) {
            files = list.sorted().toList();
        }
        assertThat(files).isNotEmpty();
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file)));
    }

    private void play(Path file) throws IOException {
        var testCase = serialization.unmarshal(Files.readString(file, UTF_8), DecisionCase.class);
        var job = testCase.job().build();
        var decision = switch (TFJobs.read(job, "")) {
            case TFJobs.Reading.Valid(var valid) ->
                JobDecision.decide(valid, testCase.builtPods(), testCase.builtServices(), NOW);
            case TFJobs.Reading.Invalid(var errors) -> throw new AssertionError(errors);
        };
        assertThat(decision.changes().stream().map(JobDecisionTest::render).toList())
                .isEqualTo(testCase.changes());
        assertThat(Objects.toString(decision.lookAgain(), null)).isEqualTo(testCase.lookAgain());
        assertThat(status(decision, job)).isEqualTo(testCase.status());
    }

    private static String render(Change change) {
        return switch (change) {
            case Change.CreateService(var service) ->
                "createService " + service.getMetadata().getName();
            case Change.CreatePod(var pod) -> "createPod " + pod.getMetadata().getName();
            case Change.DeletePod(var name) -> "deletePod " + name;
            case Change.DeleteService(var name) -> "deleteService " + name;
            case Change.DeleteJob() -> "deleteJob";
            case Change.Tell(var type, var reason, var message) -> "tell " + type + " " + reason + ": " + message;
            case Change.UpdateStatus(var status) -> "updateStatus";
        };
    }

    private static DecisionCase.Status status(JobDecision decision, TFJob job) {
        var status = decision.changes().stream()
                .filter(Change.UpdateStatus.class::isInstance)
                .map(change -> ((Change.UpdateStatus) change).status())
                .findFirst()
                .orElse(job.getStatus());
        var replicas = new TreeMap<String, String>();
        Objects.requireNonNull(status.replicaStatuses())
                .forEach((role, counts) -> replicas.put(role, DecisionCase.render(counts)));
        return new DecisionCase.Status(
                Objects.requireNonNull(status.conditions()).stream()
                        .map(c -> c.type() + "=" + c.status() + " " + c.reason() + ": " + c.message())
                        .toList(),
                replicas,
                status.startTime(),
                status.completionTime());
    }
}
