package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads TFJobs: fills in what the user left out, or says what is wrong in the words of Kubernetes' API. */
final class TFJobs {

    static final String KIND = "TFJob";
    private static final List<String> ROLES =
            List.of(TensorFlow.CHIEF, TensorFlow.EVALUATOR, TensorFlow.MASTER, TensorFlow.PS, TensorFlow.WORKER);
    private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final int LONGEST_NAME = 63;
    private static final String SPECS = "spec.tfReplicaSpecs";

    private TFJobs() {}

    sealed interface Reading {

        record Valid(Job job) implements Reading {}

        record Invalid(List<String> errors) implements Reading {}
    }

    /** @param clusterDomain appended to the names by which replicas know each other, unless empty */
    static Reading read(TFJob job, String clusterDomain) {
        var spec = Objects.requireNonNullElse(job.getSpec(), TFJobSpec.EMPTY);
        var framework = new TensorFlow(
                "AllWorkers".equals(spec.successPolicy()),
                Boolean.TRUE.equals(spec.enableDynamicWorker()),
                clusterDomain);
        var errors = new ArrayList<String>();
        var roles = roles(spec, framework, errors);
        var read = new Job(
                framework,
                job.getApiVersion(),
                KIND,
                job.getMetadata(),
                Objects.requireNonNullElse(spec.runPolicy(), RunPolicy.DEFAULT),
                roles,
                job.getStatus());
        checkName(read, errors);
        return errors.isEmpty() ? new Reading.Valid(read) : new Reading.Invalid(errors);
    }

    private static SortedMap<String, Job.Role> roles(TFJobSpec spec, Framework framework, List<String> errors) {
        var roles = new TreeMap<String, Job.Role>();
        Map<String, @Nullable ReplicaSpec> specs = Objects.requireNonNullElse(spec.tfReplicaSpecs(), Map.of());
        if (specs.isEmpty()) {
            errors.add(SPECS + ": Required value: must be required");
        }
        specs.forEach((name, replicas) -> {
            var path = SPECS + "[" + name + "]";
            var role = ROLES.stream()
                    .filter(known -> known.equalsIgnoreCase(name))
                    .findFirst()
                    .orElse(null);
            if (role == null) {
                errors.add(path + ": Unsupported value: \"" + name + "\": supported values: \""
                        + String.join("\", \"", ROLES) + "\"");
            } else if (roles.containsKey(role)) {
                errors.add(path + ": Duplicate value: \"" + name + "\"");
            } else {
                role(path, replicas, framework, errors).ifPresent(read -> roles.put(role, read));
            }
        });
        if (specs.keySet().stream().filter(TFJobs::isChief).count() > 1) {
            errors.add(SPECS + ": Forbidden: must not have more than 1 Chief or Master role");
        }
        return roles;
    }

    private static boolean isChief(String role) {
        return role.equalsIgnoreCase(TensorFlow.CHIEF) || role.equalsIgnoreCase(TensorFlow.MASTER);
    }

    private static Optional<Job.Role> role(
            String path, @Nullable ReplicaSpec spec, Framework framework, List<String> errors) {
        var template = spec == null ? null : spec.template();
        var found = new ArrayList<String>();
        checkContainers(path + ".template.spec.containers", containers(template), framework, found);
        int count = spec == null || spec.replicas() == null ? 1 : spec.replicas();
        if (count < 0) {
            found.add(path + ".replicas: Invalid value: " + count + ": must be greater than or equal to 0");
        }
        errors.addAll(found);
        if (!found.isEmpty() || spec == null || template == null) {
            return Optional.empty();
        }
        try {
            var policy = spec.restartPolicy() == null || spec.restartPolicy().isEmpty()
                    ? Job.RestartPolicy.NEVER
                    : Job.RestartPolicy.of(spec.restartPolicy());
            return Optional.of(new Job.Role(count, policy, Templates.withPort(template, framework)));
        } catch (IllegalArgumentException _) {
            errors.add(path + ".restartPolicy: Unsupported value: \"" + spec.restartPolicy()
                    + "\": supported values: \"Always\", \"OnFailure\", \"Never\", \"ExitCode\"");
            return Optional.empty();
        }
    }

    private static List<Container> containers(@Nullable PodTemplateSpec template) {
        return template == null || template.getSpec() == null
                ? List.of()
                : Objects.requireNonNullElse(template.getSpec().getContainers(), List.of());
    }

    private static void checkContainers(
            String path, List<Container> containers, Framework framework, List<String> errors) {
        if (containers.isEmpty()) {
            errors.add(path + ": Required value: must be specified");
            return;
        }
        for (int i = 0; i < containers.size(); i++) {
            var image = containers.get(i).getImage();
            if (image == null || image.isEmpty()) {
                errors.add(path + "[" + i + "].image: Required value: must be required");
            }
        }
        if (containers.stream().noneMatch(container -> framework.containerName().equals(container.getName()))) {
            errors.add(
                    path + ": Required value: must have at least one container with name " + framework.containerName());
        }
    }

    private static void checkName(Job job, List<String> errors) {
        var name = job.name();
        if (!DNS_1035.matcher(name).matches()) {
            errors.add("metadata.name: Invalid value: \"" + name
                    + "\": should match: a DNS-1035 label must consist of lower case "
                    + "alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric "
                    + "character (e.g. 'my-name',  or 'abc-123', regex used for validation is '" + DNS_1035 + "')");
        }
        job.roles().forEach((role, spec) -> {
            var longest = job.replicaName(role, Math.max(0, spec.replicas() - 1));
            if (longest.length() > LONGEST_NAME) {
                errors.add("metadata.name: Invalid value: \"" + name + "\": the name of its service \"" + longest
                        + "\" must be no more than " + LONGEST_NAME + " characters");
            }
        });
    }
}
