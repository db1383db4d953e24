package dev.sampan.app.demo;

import dev.sampan.app.cli.UserError;
import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.RunningServer;
import dev.sampan.models.data.Picture;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tour's seven steps, in order. Each applies a file of the example and shows what it did. */
public final class DigitsTour {

    private static final int DIGIT_SIDE = 8;
    private static final float BRIGHTEST = 16;
    private static final Duration TRAINING_LIMIT = Duration.ofMinutes(5);
    private static final Duration STEP_LIMIT = Duration.ofMinutes(2);
    private static final String KILL = "kill -9 $SAMPAN_CONTAINER_PID";
    private static final Duration QUIET_TRAFFIC = Duration.ofSeconds(1);

    private final Home home;
    private final Path example;
    private final Tour tour;
    private final Callable<RunningServer> restart;

    /**
     * @param example the folder {@code examples/digits}
     * @param restart kills the server and starts it again on the same folder
     */
    public DigitsTour(Home home, Path example, Tour tour, Callable<RunningServer> restart) {
        this.home = home;
        this.example = example;
        this.tour = tour;
        this.restart = restart;
    }

    /** Runs every step after the start of the cluster. */
    public void run(RunningServer server) throws Exception {
        try (var client = AdminClient.open(home)) {
            var workload = new Workload(client, example);
            train(workload);
            convertAndEvaluate(workload);
            deploy(workload);
        }
        var endpoint = new DigitsEndpoint(server.ingress());
        predict(endpoint);
        try (var client = AdminClient.open(home)) {
            survivesAKilledReplica(new Workload(client, example), endpoint);
        }
        survivesARestart(endpoint);
    }

    private void train(Workload workload) throws Exception {
        tour.step("Train a digit classifier with two workers");
        if (workload.deleteNamespace()) {
            tour.command("kubectl delete namespace digits      # the one of an earlier tour");
        }
        for (var file : List.of("1-namespace.yaml", "2-models.yaml", "3-train.yaml")) {
            tour.command("kubectl apply -f examples/digits/" + file);
            workload.apply(file);
        }
        if (!workload.awaitTraining("digits-train", TRAINING_LIMIT)) {
            throw new UserError("The training job failed. See: kubectl logs -n digits digits-train-worker-0");
        }
        tour.command("kubectl logs -n digits digits-train-worker-0");
        var lines = workload.log("digits-train-worker-0", "tensorflow").lines().toList();
        lines.subList(Math.max(0, lines.size() - 4), lines.size()).forEach(tour::say);
    }

    private void convertAndEvaluate(Workload workload) throws Exception {
        tour.step("Convert the model to ONNX and measure it on digits it has never seen");
        tour.command("kubectl apply -f examples/digits/4-convert.yaml");
        workload.apply("4-convert.yaml");
        var complete = workload.awaitJob("digits-convert", STEP_LIMIT);
        var pod = workload.podOfJob("digits-convert");
        var name = pod.getMetadata().getName();
        tour.command("kubectl logs -n digits job/digits-convert --all-containers");
        workload.log(name, "convert").lines().forEach(tour::say);
        workload.log(name, "evaluate").lines().forEach(tour::say);
        if (!complete) {
            Workload.troubles(pod).forEach(tour::say);
            throw new UserError("The model did not pass its evaluation, so it is not deployed.");
        }
    }

    private void deploy(Workload workload) throws Exception {
        tour.step("Serve it: two replicas, a Service and an Ingress");
        tour.command("kubectl apply -f examples/digits/5-serve.yaml");
        workload.apply("5-serve.yaml");
        workload.awaitRollout("digits", STEP_LIMIT);
        tour.command("kubectl rollout status -n digits deployment/digits");
        workload.servingPods()
                .forEach(pod -> tour.say("%s is ready at %s"
                        .formatted(pod.getMetadata().getName(), pod.getStatus().getPodIP())));
    }

    private void predict(DigitsEndpoint endpoint) throws Exception {
        tour.step("Ask it through the Ingress");
        tour.command(endpoint.curl());
        var digits = DigitsEndpoint.heldOut(6);
        var ready = Workload.await(() -> endpoint.answers(digits.getFirst()), STEP_LIMIT);
        if (!ready) {
            throw new UserError("The Ingress does not answer at " + endpoint.uri());
        }
        var answers = endpoint.predict(digits);
        tour.block(sideBySide(digits));
        tour.block("    "
                + String.join(
                        "   ",
                        IntStream.range(0, answers.size())
                                .mapToObj(i -> caption(digits.get(i).label(), answers.get(i)))
                                .toList()));
    }

    private static String sideBySide(List<LabelledDigit> digits) {
        var pictures = digits.stream()
                .map(digit -> Picture.lines(digit.pixels(), DIGIT_SIDE, BRIGHTEST))
                .toList();
        return IntStream.range(0, DIGIT_SIDE)
                .mapToObj(row -> "    "
                        + String.join(
                                        "   ",
                                        pictures.stream()
                                                .map(lines -> lines.get(row))
                                                .toList())
                                .stripTrailing())
                .collect(Collectors.joining("\n"));
    }

    private static String caption(int label, DigitsEndpoint.Answer answer) {
        var verdict = answer.digit() == label ? "" : " not " + label;
        return "%-16s".formatted("%d (%.1f %%)%s".formatted(answer.digit(), 100 * answer.probability(), verdict));
    }

    private void survivesAKilledReplica(Workload workload, DigitsEndpoint endpoint) throws Exception {
        tour.step("Kill one replica while requests keep coming");
        var victim = workload.servingPods().getFirst().getMetadata().getName();
        var before = Workload.restarts(pod(workload, victim));
        tour.command("kubectl exec -n digits %s -- sh -c '%s'".formatted(victim, KILL));
        var digit = DigitsEndpoint.heldOut(1);
        try (var traffic = Traffic.start(() -> endpoint.predict(digit))) {
            Workload.await(() -> traffic.answered() >= 20, STEP_LIMIT);
            workload.exec(victim, "serving", KILL);
            var restarted = Workload.await(
                    () -> Workload.restarts(pod(workload, victim)) > before && Workload.ready(pod(workload, victim)),
                    STEP_LIMIT);
            Thread.sleep(QUIET_TRAFFIC);
            tour.say("%d requests answered, %d failed".formatted(traffic.answered(), traffic.failed()));
            if (!restarted || traffic.failed() > 0) {
                throw new UserError(
                        restarted
                                ? "Requests failed while a replica was down; the first: " + traffic.firstFailure()
                                : "The killed replica did not come back. See: kubectl describe pod -n digits "
                                        + victim);
            }
        }
        tour.command("kubectl events -n digits --for pod/" + victim);
        workload.events(victim).forEach(tour::say);
    }

    private static io.fabric8.kubernetes.api.model.Pod pod(Workload workload, String name) {
        return workload.servingPods().stream()
                .filter(pod -> pod.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserError("Pod " + name + " is gone."));
    }

    private void survivesARestart(DigitsEndpoint endpoint) throws Exception {
        tour.say("And now the whole server, which must find everything on disk again:");
        tour.command("kill -9 <server>; ./sampan up");
        var server = restart.call();
        tour.say("Ready again in %.2f s".formatted(server.readyMillis() / 1000.0));
        try (var client = AdminClient.open(home)) {
            var workload = new Workload(client, example);
            workload.awaitRollout("digits", STEP_LIMIT);
            var digits = DigitsEndpoint.heldOut(1);
            if (!Workload.await(() -> endpoint.answers(digits.getFirst()), STEP_LIMIT)) {
                throw new UserError("The Ingress does not answer after the restart.");
            }
            tour.say("%d objects of namespace digits are back, and the model answers".formatted(objects(client)));
        }
    }

    private static long objects(KubernetesClient client) {
        return client.pods().inNamespace(Workload.NAMESPACE).list().getItems().size()
                + client.services()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size()
                + client.apps()
                        .deployments()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size()
                + client.apps()
                        .replicaSets()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size()
                + client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size()
                + client.network()
                        .v1()
                        .ingresses()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size()
                + client.persistentVolumeClaims()
                        .inNamespace(Workload.NAMESPACE)
                        .list()
                        .getItems()
                        .size();
    }
}
