package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.ContainerPort;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * TFJobs: replicas find each other by {@code TF_CONFIG}; the Chief or Master decides when the job is done, else the workers.
 *
 * @param allWorkers only the end of all workers is success, not that of worker 0 alone
 * @param dynamicWorkers each worker is told of itself and the parameter servers only, and may fail
 * @param clusterDomain appended to the names of replicas unless empty
 */
record TensorFlow(boolean allWorkers, boolean dynamicWorkers, String clusterDomain) implements Framework {

    static final String CHIEF = "Chief";
    static final String EVALUATOR = "Evaluator";
    static final String MASTER = "Master";
    static final String PS = "PS";
    static final String WORKER = "Worker";

    static final String CONTAINER = "tensorflow";

    @Override
    public String operatorName() {
        return "tfjob-controller";
    }

    @Override
    public String containerName() {
        return CONTAINER;
    }

    @Override
    public String portName() {
        return "tfjob-port";
    }

    @Override
    public int port() {
        return 2222;
    }

    private static boolean isChief(String role) {
        return role.equals(CHIEF) || role.equals(MASTER);
    }

    private static boolean hasChief(Job job) {
        return job.roles().keySet().stream().anyMatch(TensorFlow::isChief);
    }

    @Override
    public boolean leads(Job job, String role, int index) {
        return hasChief(job) ? isChief(role) : role.equals(WORKER) && index == 0;
    }

    @Override
    public boolean outlives(String role) {
        return dynamicWorkers && role.equals(WORKER);
    }

    @Override
    public Verdict verdict(Job job, String role, Replicas replicas) {
        var status = replicas.status(role);
        boolean allDone = Objects.requireNonNull(job.roles().get(role)).replicas() == status.succeededCount();
        if (hasChief(job)) {
            return isChief(role) ? new Verdict(status.activeCount() > 0, allDone) : Verdict.NOTHING;
        }
        if (!role.equals(WORKER)) {
            return Verdict.NOTHING;
        }
        boolean done = allDone || (!allWorkers && replicas.completed(WORKER, 0));
        return new Verdict(!done && status.activeCount() > 0, done);
    }

    /** A job of one replica is local and is told nothing. */
    @Override
    public Map<String, String> environment(Job job, String role, int index) {
        if (job.totalReplicas() == 1) {
            return Map.of();
        }
        var task = "\"task\":{\"type\":\"%s\",\"index\":%d}".formatted(role.toLowerCase(Locale.ROOT), index);
        return Map.of(
                "TF_CONFIG",
                dynamicWorkers
                        ? "{\"sparseCluster\":" + sparseCluster(job, role, index) + "," + task + "}"
                        : "{\"cluster\":" + cluster(job) + "," + task + ",\"environment\":\"cloud\"}");
    }

    private String cluster(Job job) {
        return job.roles().keySet().stream()
                .map(role -> "\"" + role.toLowerCase(Locale.ROOT) + "\":" + addresses(job, role))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private String sparseCluster(Job job, String role, int index) {
        var self = address(job, role, index);
        var worker = role.equals(WORKER) ? "{\"" + index + "\":" + self + "}" : "{}";
        var servers = switch (role) {
            case PS -> "[" + self + "]";
            case WORKER -> job.roles().containsKey(PS) ? addresses(job, PS) : "[]";
            default -> "[]";
        };
        return "{\"worker\":" + worker + ",\"ps\":" + servers + "}";
    }

    private String addresses(Job job, String role) {
        return IntStream.range(0, Objects.requireNonNull(job.roles().get(role)).replicas())
                .mapToObj(index -> address(job, role, index))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** In quotes; names of jobs and namespaces hold nothing that JSON escapes. */
    private String address(Job job, String role, int index) {
        var domain = clusterDomain.isEmpty() ? "" : "." + clusterDomain;
        return "\"" + job.replicaName(role, index) + "." + job.namespace() + ".svc" + domain + ":" + port(job, role)
                + "\"";
    }

    private int port(Job job, String role) {
        return Templates.container(Objects.requireNonNull(job.roles().get(role)).template(), CONTAINER)
                .getPorts()
                .stream()
                .filter(port -> portName().equals(port.getName()))
                .findFirst()
                .map(ContainerPort::getContainerPort)
                .orElse(port());
    }
}
