package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Locale;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A valid training job with everything filled in, whatever its kind.
 *
 * @param kind such as TFJob
 * @param roles the pods by role, in the framework's spelling
 * @param status as the cluster holds it
 */
record Job(
        Framework framework,
        String apiVersion,
        String kind,
        ObjectMeta metadata,
        RunPolicy runPolicy,
        SortedMap<String, Role> roles,
        @Nullable JobStatus status) {

    /** Equal pods; the template has the framework's port. */
    record Role(int replicas, RestartPolicy restartPolicy, PodTemplateSpec template) {}

    enum RestartPolicy {
        ALWAYS("Always"),
        ON_FAILURE("OnFailure"),
        NEVER("Never"),
        EXIT_CODE("ExitCode");

        private final String word;

        RestartPolicy(String word) {
            this.word = word;
        }

        static RestartPolicy of(String word) {
            for (var policy : values()) {
                if (policy.word.equals(word)) {
                    return policy;
                }
            }
            throw new IllegalArgumentException("restartPolicy " + word);
        }

        /** What the pod's own restartPolicy becomes: with ExitCode the operator itself starts pods anew. */
        String ofPod() {
            return this == EXIT_CODE ? NEVER.word : word;
        }
    }

    String namespace() {
        return metadata.getNamespace();
    }

    String name() {
        return metadata.getName();
    }

    String reason(String word) {
        return kind + word;
    }

    int totalReplicas() {
        return roles.values().stream().mapToInt(Role::replicas).sum();
    }

    /** The name that the pod and the service of a replica share. */
    String replicaName(String role, int index) {
        return name() + "-" + role.toLowerCase(Locale.ROOT) + "-" + index;
    }

    OwnerReference reference() {
        return new OwnerReferenceBuilder()
                .withApiVersion(apiVersion)
                .withKind(kind)
                .withName(name())
                .withUid(metadata.getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
