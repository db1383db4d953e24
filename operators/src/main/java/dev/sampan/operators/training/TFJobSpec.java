package dev.sampan.operators.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a TFJob should be, as the user wrote it: nothing is filled in.
 *
 * @param successPolicy {@code AllWorkers} or empty, when worker 0 may decide
 * @param tfReplicaSpecs by role: Chief, Master, Worker, PS, Evaluator, in any case
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TFJobSpec(
        @Nullable RunPolicy runPolicy,
        @Nullable String successPolicy,
        @Nullable Map<String, @Nullable ReplicaSpec> tfReplicaSpecs,
        @Nullable Boolean enableDynamicWorker) {

    static final TFJobSpec EMPTY = new TFJobSpec(null, null, null, null);
}
