package dev.sampan.controllers.job;

import dev.sampan.controllers.pods.PodTemplates;
import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Pods of jobs: making them, and what their status means to a job. */
final class JobPods {

    static final String FINALIZER = "batch.kubernetes.io/job-tracking";
    static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
    static final int NO_INDEX = -1;
    private static final String INDEX_ENV = "JOB_COMPLETION_INDEX";
    private static final int MAX_HOSTNAME = 63;

    private JobPods() {}

    /** @param index of an Indexed job, else {@link #NO_INDEX} */
    record Wanted(int index, int earlierFailures) {}

    static Pod make(Job job, Wanted wanted) {
        var name = job.getMetadata().getName();
        var prefix = wanted.index == NO_INDEX ? name + "-" : name + "-" + wanted.index + "-";
        var builder = new PodBuilder(PodTemplates.generated(job.getSpec().getTemplate(), job, prefix))
                .editMetadata()
                .addToFinalizers(FINALIZER)
                .endMetadata();
        if (wanted.index != NO_INDEX) {
            index(builder, job, wanted);
        }
        return builder.build();
    }

    private static void index(PodBuilder builder, Job job, Wanted wanted) {
        var index = Integer.toString(wanted.index);
        builder.editMetadata()
                .addToAnnotations(Indexes.KEY, index)
                .addToLabels(Indexes.KEY, index)
                .endMetadata();
        if (job.getSpec().getBackoffLimitPerIndex() != null) {
            builder.editMetadata()
                    .addToAnnotations(FAILURES, Integer.toString(wanted.earlierFailures))
                    .endMetadata();
        }
        var spec = builder.buildSpec();
        var hostname = job.getMetadata().getName() + "-" + index;
        if (spec.getHostname() == null && hostname.length() <= MAX_HOSTNAME) {
            spec.setHostname(hostname);
        }
        Stream.concat(spec.getContainers().stream(), spec.getInitContainers().stream())
                .forEach(JobPods::addIndexVariable);
        builder.withSpec(spec);
    }

    private static void addIndexVariable(Container container) {
        if (container.getEnv().stream().map(EnvVar::getName).anyMatch(INDEX_ENV::equals)) {
            return;
        }
        var variables = new java.util.ArrayList<>(container.getEnv());
        variables.add(new EnvVarBuilder()
                .withName(INDEX_ENV)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("metadata.labels['" + Indexes.KEY + "']")
                .endFieldRef()
                .endValueFrom()
                .build());
        container.setEnv(variables);
    }

    static boolean isTracked(Pod pod) {
        return pod.getMetadata().getFinalizers().contains(FINALIZER);
    }

    static boolean hasSucceeded(Pod pod) {
        return Pods.phase(pod).equals("Succeeded");
    }

    /** A pod that is being deleted has failed, too, unless the job replaces only pods that have ended. */
    static boolean hasFailed(Job job, Pod pod) {
        if (Pods.phase(pod).equals("Failed")) {
            return true;
        }
        boolean onlyEnded = "Failed".equals(job.getSpec().getPodReplacementPolicy());
        return Pods.isTerminating(pod) && !hasSucceeded(pod) && !onlyEnded;
    }

    /** How often the pod's index had failed before, as noted when the pod was made. */
    static int earlierFailures(Pod pod) {
        var annotations = pod.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(FAILURES);
        try {
            return text == null ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0; // not a number that this controller wrote
        }
    }

    /** When the last container ended; now, when the status does not say. */
    static Instant finishedAt(Pod pod, Instant now) {
        var statuses = pod.getStatus() == null
                ? List.<io.fabric8.kubernetes.api.model.ContainerStatus>of()
                : pod.getStatus().getContainerStatuses();
        return statuses.stream()
                .map(s -> s.getState() == null ? null : s.getState().getTerminated())
                .filter(Objects::nonNull)
                .map(t -> t.getFinishedAt())
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .max(Instant::compareTo)
                .orElse(now);
    }
}
