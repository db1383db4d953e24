package dev.sampan.app.demo;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What the tour asks of the cluster, through the public API alone. */
final class Workload {

    static final String NAMESPACE = "digits";
    static final Map<String, String> SERVING = Map.of("app", "digits");

    private final KubernetesClient client;
    private final Path files;

    /** @param files the folder {@code examples/digits} */
    Workload(KubernetesClient client, Path files) {
        this.client = client;
        this.files = files;
    }

    /** Creates or updates every object in one of the example's files. */
    void apply(String file) throws IOException {
        try (InputStream stream = Files.newInputStream(files.resolve(file))) {
            for (HasMetadata object : client.load(stream).items()) {
                client.resource(object).createOr(NonDeletingOperation::update);
            }
        }
    }

    /** Deletes the example's namespace and waits until everything in it is gone; false when there was none. */
    boolean deleteNamespace() {
        var namespace = client.namespaces().withName(NAMESPACE);
        if (namespace.get() == null) {
            return false;
        }
        namespace.delete();
        namespace.waitUntilCondition(n -> n == null, 60, TimeUnit.SECONDS);
        return true;
    }

    /** Waits for the TFJob; true when it succeeded, false when it failed. */
    boolean awaitTraining(String name, Duration limit) {
        var job = client.genericKubernetesResources("kubeflow.org/v1", "TFJob")
                .inNamespace(NAMESPACE)
                .withName(name)
                .waitUntilCondition(
                        j -> hasCondition(j, "Succeeded") || hasCondition(j, "Failed"),
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        return hasCondition(job, "Succeeded");
    }

    private static boolean hasCondition(GenericKubernetesResource object, String type) {
        return object != null
                && object.get("status", "conditions") instanceof List<?> conditions
                && conditions.stream()
                        .anyMatch(c -> c instanceof Map<?, ?> condition
                                && type.equals(condition.get("type"))
                                && "True".equals(condition.get("status")));
    }

    /** Waits for a batch Job; true when it completed, false when it failed. */
    boolean awaitJob(String name, Duration limit) {
        var job = client.batch()
                .v1()
                .jobs()
                .inNamespace(NAMESPACE)
                .withName(name)
                .waitUntilCondition(
                        j -> j != null && (jobCondition(j, "Complete") || jobCondition(j, "Failed")),
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        return jobCondition(job, "Complete");
    }

    private static boolean jobCondition(io.fabric8.kubernetes.api.model.batch.v1.Job job, String type) {
        return job.getStatus() != null
                && job.getStatus().getConditions() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals("True"));
    }

    /** Waits until all replicas of the serving Deployment are up to date and available. */
    void awaitRollout(String name, Duration limit) {
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(name)
                .waitUntilCondition(
                        d -> d != null
                                && d.getStatus() != null
                                && d.getStatus().getObservedGeneration() != null
                                && d.getStatus().getObservedGeneration()
                                        >= d.getMetadata().getGeneration()
                                && equal(
                                        d.getStatus().getUpdatedReplicas(),
                                        d.getSpec().getReplicas())
                                && equal(
                                        d.getStatus().getAvailableReplicas(),
                                        d.getSpec().getReplicas()),
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static boolean equal(Integer actual, Integer wanted) {
        return actual != null && actual.equals(wanted);
    }

    /** The whole log of a pod's container; empty when it never started. */
    String log(String pod, String container) {
        try {
            return client.pods()
                    .inNamespace(NAMESPACE)
                    .withName(pod)
                    .inContainer(container)
                    .getLog();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST) {
                return "";
            }
            throw e;
        }
    }

    /** The first pod of a Job. */
    Pod podOfJob(String job) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("batch.kubernetes.io/job-name", job)
                .list()
                .getItems()
                .getFirst();
    }

    List<Pod> servingPods() {
        return client.pods().inNamespace(NAMESPACE).withLabels(SERVING).list().getItems();
    }

    /** Runs a shell command in a pod's container; its exit code. */
    int exec(String pod, String container, String command) {
        try (var exec = client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .inContainer(container)
                .writingOutput(OutputStream.nullOutputStream())
                .writingError(OutputStream.nullOutputStream())
                .exec("sh", "-c", command)) {
            return exec.exitCode().join();
        }
    }

    /** A pod's own account of why its containers do not run, one line a container; empty when nothing went wrong. */
    static List<String> troubles(Pod pod) {
        return Stream.concat(
                        pod.getStatus().getInitContainerStatuses().stream(),
                        pod.getStatus().getContainerStatuses().stream())
                .map(Workload::trouble)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String trouble(ContainerStatus status) {
        var ended = status.getState().getTerminated();
        if (ended != null && ended.getExitCode() != 0) {
            return "container %s ended with exit code %d (%s)"
                    .formatted(status.getName(), ended.getExitCode(), ended.getReason());
        }
        var waiting = status.getState().getWaiting();
        if (waiting != null && waiting.getMessage() != null) {
            return "container %s: %s: %s".formatted(status.getName(), waiting.getReason(), waiting.getMessage());
        }
        return "";
    }

    static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(status -> status.getRestartCount())
                .sum();
    }

    static boolean ready(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    /** Polls until {@code condition} holds; false when it does not within the limit. */
    static boolean await(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(50);
        }
        return true;
    }

    /** The events about one pod, oldest first: how often, reason and message. */
    List<String> events(String pod) {
        return client
                .v1()
                .events()
                .inNamespace(NAMESPACE)
                .withField("involvedObject.name", pod)
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(Event::getLastTimestamp, Comparator.nullsFirst(Comparator.naturalOrder())))
                .map(event -> "%-9s x%d  %s".formatted(event.getReason(), times(event), event.getMessage()))
                .toList();
    }

    private static int times(Event event) {
        return event.getCount() == null ? 1 : event.getCount();
    }
}
