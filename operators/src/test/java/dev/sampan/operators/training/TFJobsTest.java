package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TFJobsTest {

    private static final String GOOD = "{replicas: 1, template: {spec: {containers: [{name: tensorflow, image: i}]}}}";

    private static TFJob job(String name, String spec) {
        var yaml = """
                apiVersion: kubeflow.org/v1
                kind: TFJob
                metadata: {name: '%s', namespace: ns}
                spec: %s
                """;
        return new KubernetesSerialization().unmarshal(yaml.formatted(name, spec), TFJob.class);
    }

    private static List<String> errors(String name, String spec) {
        return switch (TFJobs.read(job(name, spec), "")) {
            case TFJobs.Reading.Valid valid -> List.of();
            case TFJobs.Reading.Invalid(var errors) -> errors;
        };
    }

    private static List<String> errors(String spec) {
        return errors("j", spec);
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThat(errors("{tfReplicaSpecs: {Worker: " + GOOD + "}}")).isEmpty();
        assertThat(errors("{}")).containsExactly("spec.tfReplicaSpecs: Required value: must be required");
        assertThat(errors("{tfReplicaSpecs: {}}"))
                .containsExactly("spec.tfReplicaSpecs: Required value: must be required");
        assertThat(errors("{tfReplicaSpecs: {Worker: {}}}"))
                .containsExactly(
                        "spec.tfReplicaSpecs[Worker].template.spec.containers: Required value: must be specified");
        assertThat(errors("{tfReplicaSpecs: {Worker: null}}"))
                .containsExactly(
                        "spec.tfReplicaSpecs[Worker].template.spec.containers: Required value: must be specified");
        assertThat(errors("{tfReplicaSpecs: {Worker: {replicas: -1, template: {spec: {containers: [{name: main}]}}}}}"))
                .containsExactly(
                        "spec.tfReplicaSpecs[Worker].template.spec.containers[0].image: Required value: must be required",
                        "spec.tfReplicaSpecs[Worker].template.spec.containers: Required value: must have at least one"
                                + " container with name tensorflow",
                        "spec.tfReplicaSpecs[Worker].replicas: Invalid value: -1: must be greater than or equal to 0");
        assertThat(errors("{tfReplicaSpecs: {Chief: " + GOOD + ", master: " + GOOD + "}}"))
                .containsExactly("spec.tfReplicaSpecs: Forbidden: must not have more than 1 Chief or Master role");
        assertThat(errors("{tfReplicaSpecs: {Worker: " + GOOD + ", worker: " + GOOD + "}}"))
                .containsExactly("spec.tfReplicaSpecs[worker]: Duplicate value: \"worker\"");
        assertThat(errors("{tfReplicaSpecs: {Boss: " + GOOD + "}}"))
                .containsExactly("spec.tfReplicaSpecs[Boss]: Unsupported value: \"Boss\": supported values: \"Chief\","
                        + " \"Evaluator\", \"Master\", \"PS\", \"Worker\"");
        assertThat(errors("{tfReplicaSpecs: {Worker: " + GOOD.replace("replicas: 1", "restartPolicy: Often") + "}}"))
                .containsExactly(
                        "spec.tfReplicaSpecs[Worker].restartPolicy: Unsupported value: \"Often\": supported values:"
                                + " \"Always\", \"OnFailure\", \"Never\", \"ExitCode\"");
    }

    @Test
    void namesHaveToMakeServiceNames() {
        var spec = "{tfReplicaSpecs: {Worker: " + GOOD + "}}";
        assertThat(errors("1st", spec))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("metadata.name: Invalid value: \"1st\": should match");
        assertThat(errors("a.b", spec)).hasSize(1);
        assertThat(errors("x".repeat(54), spec)).isEmpty();
        assertThat(errors("x".repeat(55), spec))
                .hasSize(1)
                .first()
                .asString()
                .endsWith("must be no more than 63 characters");
    }

    @Test
    void aBadJobFailsOnceAndSaysWhy() {
        var job = job("j", "{tfReplicaSpecs: {Worker: {}}}");
        var errors = errors("{tfReplicaSpecs: {Worker: {}}}");
        var message = "TFJob failed validation because " + errors.getFirst();
        var decision = JobDecision.reject("TFJob", "j", job.getStatus(), errors, Instant.EPOCH);
        assertThat(decision.changes())
                .hasSize(2)
                .last()
                .isEqualTo(Change.Tell.warning("TFJobFailedValidation", message));
        var status = ((Change.UpdateStatus) decision.changes().getFirst()).status();
        assertThat(status.conditions()).extracting(JobCondition::type).containsExactly("Created", "Failed");
        assertThat(status.conditions()).last().extracting(JobCondition::message).isEqualTo(message);
        assertThat(JobDecision.reject("TFJob", "j", status, errors, Instant.MAX).changes())
                .isEmpty();
    }
}
