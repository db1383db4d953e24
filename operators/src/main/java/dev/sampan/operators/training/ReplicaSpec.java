package dev.sampan.operators.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.jspecify.annotations.Nullable;

/**
 * Equal pods of one role.
 *
 * @param replicas how many; 1 when absent
 * @param restartPolicy {@code Always}, {@code OnFailure}, {@code Never} or {@code ExitCode}: that one starts a pod anew when its main
 *     container exits with 128 or more
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReplicaSpec(
        @Nullable Integer replicas,
        @Nullable PodTemplateSpec template,
        @Nullable String restartPolicy) {}
