package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A case of {@link JobDecisionTest} as its file has it: what matters, in few words. */
record DecisionCase(
        JobCase job,
        @Nullable List<PodCase> pods,
        @Nullable List<String> services,
        List<String> changes,
        @Nullable String lookAgain,
        Status status) {

    private static final Pattern CONDITION = Pattern.compile("(\\w+)=(\\w+) (\\w+): (.*)");
    private static final String START = "2026-01-01T00:00:00Z";

    /** Conditions as {@code Type=Status Reason: message}, replicas as {@code active 1, failed 2}. */
    record Status(
            List<String> conditions,
            Map<String, String> replicas,
            @Nullable String startTime,
            @Nullable String completionTime) {}

    record RoleCase(
            int replicas,
            @Nullable String restartPolicy,
            @Nullable String templateRestartPolicy) {}

    /** @param created whether the job was worked on before, from {@link #START} on */
    record JobCase(
            Map<String, RoleCase> roles,
            @Nullable RunPolicy runPolicy,
            @Nullable String successPolicy,
            @Nullable Boolean enableDynamicWorker,
            boolean created,
            @Nullable List<String> conditions,
            @Nullable Map<String, String> replicas,
            @Nullable String completionTime) {

        TFJob build() {
            var specs = new TreeMap<String, @Nullable ReplicaSpec>();
            roles.forEach((name, role) -> specs.put(
                    name, new ReplicaSpec(role.replicas, template(role.templateRestartPolicy), role.restartPolicy)));
            var job = new TFJob();
            job.setMetadata(new ObjectMetaBuilder()
                    .withName("j")
                    .withNamespace("ns")
                    .withUid("uid-j")
                    .build());
            job.setSpec(new TFJobSpec(runPolicy, successPolicy, specs, enableDynamicWorker));
            if (created) {
                job.setStatus(status(specs));
            }
            return job;
        }

        private JobStatus status(Map<String, @Nullable ReplicaSpec> specs) {
            var all = new ArrayList<JobCondition>();
            all.add(condition("Created=True TFJobCreated: TFJob j is created."));
            Objects.requireNonNullElse(conditions, List.<String>of()).forEach(c -> all.add(condition(c)));
            var counts = new TreeMap<String, JobStatus.ReplicaStatus>();
            specs.keySet().forEach(role -> counts.put(role, JobStatus.ReplicaStatus.of(0, 0, 0)));
            Objects.requireNonNullElse(replicas, Map.<String, String>of())
                    .forEach((role, text) -> counts.put(
                            role,
                            JobStatus.ReplicaStatus.of(
                                    count(text, "active"), count(text, "succeeded"), count(text, "failed"))));
            return new JobStatus(all, counts, START, completionTime, null);
        }
    }

    static PodTemplateSpec template(@Nullable String restartPolicy) {
        return new PodTemplateSpecBuilder()
                .withNewSpec()
                .withRestartPolicy(restartPolicy)
                .addNewContainer()
                .withName("tensorflow")
                .withImage("sampan/trainer")
                .endContainer()
                .endSpec()
                .build();
    }

    private static JobCondition condition(String text) {
        var match = CONDITION.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException(text);
        }
        return new JobCondition(match.group(1), match.group(2), match.group(3), match.group(4), START, START);
    }

    private static int count(String text, String word) {
        var match = Pattern.compile(word + " (\\d+)").matcher(text);
        return match.find() ? Integer.parseInt(match.group(1)) : 0;
    }

    static String render(JobStatus.ReplicaStatus counts) {
        var words = new ArrayList<String>();
        if (counts.activeCount() > 0) {
            words.add("active " + counts.activeCount());
        }
        if (counts.succeededCount() > 0) {
            words.add("succeeded " + counts.succeededCount());
        }
        if (counts.failedCount() > 0) {
            words.add("failed " + counts.failedCount());
        }
        return String.join(", ", words);
    }

    /**
     * A pod of the job.
     *
     * @param waiting reason and message of the waiting container
     * @param unscheduled reason and message of the false PodScheduled condition
     */
    record PodCase(
            String name,
            @Nullable String phase,
            @Nullable Integer exitCode,
            int restarts,
            boolean terminating,
            @Nullable String waiting,
            @Nullable String unscheduled) {

        Pod build() {
            var parts = name.split("-");
            var pod = new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace("ns")
                    .addToLabels(Templates.ROLE_LABEL, parts[1])
                    .addToLabels(Templates.INDEX_LABEL, parts[2])
                    .withDeletionTimestamp(terminating ? START : null)
                    .endMetadata()
                    .withNewStatus()
                    .withPhase(Objects.requireNonNullElse(phase, "Pending"))
                    .endStatus();
            if (unscheduled != null) {
                pod.editStatus()
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason(unscheduled.substring(0, unscheduled.indexOf(' ')))
                        .withMessage(unscheduled.substring(unscheduled.indexOf(' ') + 1))
                        .endCondition()
                        .endStatus();
            }
            if (exitCode != null || restarts > 0 || waiting != null) {
                pod.editStatus().addToContainerStatuses(container()).endStatus();
            }
            return pod.build();
        }

        private io.fabric8.kubernetes.api.model.ContainerStatus container() {
            var status = new io.fabric8.kubernetes.api.model.ContainerStatusBuilder()
                    .withName("tensorflow")
                    .withRestartCount(restarts)
                    .withNewState()
                    .endState();
            if (exitCode != null) {
                status.editState()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .endTerminated()
                        .endState();
            }
            if (waiting != null) {
                status.editState()
                        .withNewWaiting()
                        .withReason(waiting.substring(0, waiting.indexOf(' ')))
                        .withMessage(waiting.substring(waiting.indexOf(' ') + 1))
                        .endWaiting()
                        .endState();
            }
            return status.build();
        }
    }

    List<Pod> builtPods() {
        return pods == null ? List.of() : pods.stream().map(PodCase::build).toList();
    }

    List<Service> builtServices() {
        return services == null
                ? List.of()
                : services.stream()
                        .map(name -> new ServiceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace("ns")
                                .endMetadata()
                                .build())
                        .toList();
    }
}
