package dev.sampan.controllers.simulation;

import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import dev.sampan.controllers.deployment.DeploymentController;
import dev.sampan.controllers.ownership.Owners;
import dev.sampan.controllers.pods.Bursts;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.replicaset.ReplicaSetController;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** One run: a user changes a deployment while controllers, a node and faults take turns as the seed has it. */
final class Simulation implements AutoCloseable {

    private static final int STEPS = 400;
    private static final int STEPS_TO_SETTLE = 20_000;
    private static final Map<String, String> LABELS = Map.of("app", "web");

    private final RandomGenerator random;
    private final World world;
    private final KubernetesClient controllerClient;
    private final boolean rolling;
    private SteppedInformers informers;
    private DeploymentController deployments;
    private ReplicaSetController replicaSets;
    private int image;

    Simulation(TestApi api, ManualTimers time, long seed) {
        this.random = new java.util.SplittableRandom(seed);
        this.world = new World(api, time, "sim-" + Long.toUnsignedString(seed), random);
        this.rolling = random.nextInt(8) != 0;
        this.controllerClient = world.faulty();
        createNamespace();
        startControllers();
    }

    private void createNamespace() {
        world.direct()
                .namespaces()
                .resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName(world.namespace)
                        .endMetadata()
                        .build())
                .create();
        world.direct()
                .serviceAccounts()
                .inNamespace(world.namespace)
                .resource(new io.fabric8.kubernetes.api.model.ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .endMetadata()
                        .build())
                .create();
    }

    private void startControllers() {
        informers = new SteppedInformers(world.journal);
        deployments = new DeploymentController(controllerClient, informers, world.time, 1);
        replicaSets =
                ReplicaSetController.replicaSets(controllerClient, informers, world.time, 1, new Bursts(Runnable::run));
        informers.start();
    }

    private void stopControllers() {
        if (deployments.controller().panics() + replicaSets.controller().panics() > 0) {
            throw new AssertionError("a controller failed, see the log");
        }
        deployments.close();
        replicaSets.close();
    }

    @Override
    public void close() {
        stopControllers();
        world.direct().apps().deployments().inNamespace(world.namespace).delete();
    }

    /** Fails with an AssertionError when a promise is broken or nothing settles. */
    void run() {
        world.faults = new World.Faults(
                random.nextDouble() * 0.2,
                random.nextDouble() * 0.1,
                random.nextInt(3) == 0 ? 0.05 : 0,
                random.nextDouble() * 0.05,
                random.nextInt(4) == 0 ? 0.005 : 0);
        create();
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(60) == 0) {
                change();
            }
            step();
            world.failIfBroken();
        }
        world.faults = World.Faults.NONE;
        setPaused(false);
        settle();
        checkHistory();
    }

    /** The last writes, for the message of a failure. */
    String trace() {
        return world.trace();
    }

    private void step() {
        if (random.nextDouble() < world.faults.restart()) {
            stopControllers();
            startControllers();
        }
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> see();
            case 4, 5 -> deployments.controller().processNext();
            case 6, 7 -> replicaSets.controller().processNext();
            case 8 -> runNode();
            default -> world.time.advance(Duration.ofMillis(random.nextInt(2000)));
        }
    }

    private void see() {
        var behind = informers.behind();
        if (behind.isEmpty()) {
            return;
        }
        var informer = behind.get(random.nextInt(behind.size()));
        if (random.nextDouble() < world.faults.relist()) {
            informer.relist(random);
        } else {
            informer.step();
        }
    }

    // --- the user ---

    private void create() {
        int replicas = random.nextInt(1, 13);
        var deployment = new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(world.namespace)
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withMinReadySeconds(random.nextInt(3) == 0 ? 3 : 0)
                .withRevisionHistoryLimit(random.nextInt(4))
                .withNewSelector()
                .withMatchLabels(LABELS)
                .endSelector()
                .withNewStrategy()
                .withType(rolling ? "RollingUpdate" : "Recreate")
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(LABELS)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("image-0")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec();
        if (rolling) {
            deployment
                    .editSpec()
                    .editStrategy()
                    .withNewRollingUpdate()
                    .withMaxSurge(some(replicas))
                    .withMaxUnavailable(some(replicas))
                    .endRollingUpdate()
                    .endStrategy()
                    .endSpec();
        }
        var wanted = deployment.build();
        tellBounds(wanted);
        world.direct().resource(wanted).create();
    }

    /** A number or a percentage, never both zero: the API refuses that. */
    private IntOrString some(int replicas) {
        return random.nextBoolean()
                ? new IntOrString(random.nextInt(1, replicas + 1))
                : new IntOrString(random.nextInt(1, 101) + "%");
    }

    private void tellBounds(Deployment deployment) {
        if (rolling) {
            world.bounds.changed(deployment);
        }
    }

    private void change() {
        switch (random.nextInt(6)) {
            case 0 -> edit(d -> d.editSpec().withReplicas(random.nextInt(1, 13)).endSpec());
            case 1 -> setPaused(random.nextBoolean());
            case 2 -> setImage(random.nextInt(image + 1)); // roll back
            default -> setImage(++image);
        }
    }

    private void setImage(int number) {
        edit(d -> d.editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage("image-" + number)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec());
    }

    private void setPaused(boolean paused) {
        edit(d -> d.editSpec().withPaused(paused).endSpec());
    }

    private void edit(java.util.function.UnaryOperator<DeploymentBuilder> change) {
        var current = Objects.requireNonNull(world.deployment());
        var wanted = change.apply(new DeploymentBuilder(current)).build();
        tellBounds(wanted);
        world.direct().resource(wanted).update();
    }

    // --- the node ---

    /** The garbage collector's work, which is not what is tested here: its ReplicaSet is gone. */
    private boolean isOrphan(Pod pod) {
        var owner = Objects.requireNonNull(Owners.controllerOf(pod));
        return world.all(ReplicaSet.class).stream()
                .noneMatch(rs -> rs.getMetadata().getUid().equals(owner.getUid()));
    }

    /** Starts one pod or removes one that is to end; false when there is nothing to do. */
    private boolean runNode() {
        List<Pod> work = new ArrayList<>();
        for (var pod : world.all(Pod.class)) {
            if (Pods.isTerminating(pod) || !Pods.isReady(pod) || isOrphan(pod)) {
                work.add(pod);
            }
        }
        if (work.isEmpty()) {
            return false;
        }
        var pod = work.get(random.nextInt(work.size()));
        if (Pods.isTerminating(pod) || isOrphan(pod)) {
            world.direct()
                    .pods()
                    .inNamespace(world.namespace)
                    .withName(pod.getMetadata().getName())
                    .withGracePeriod(0)
                    .delete();
        } else {
            world.direct().resource(started(pod)).updateStatus();
        }
        return true;
    }

    private Pod started(Pod pod) {
        var now = world.time.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new PodBuilder(pod)
                .editOrNewStatus()
                .withPhase("Running")
                .withConditions()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime(now)
                .endCondition()
                .endStatus()
                .build();
    }

    // --- the end ---

    /** Everybody works until nobody has anything to do; then time goes on, until all is settled. */
    private void settle() {
        for (int step = 0; step < STEPS_TO_SETTLE; step++) {
            boolean busy = !informers.behind().isEmpty();
            see();
            busy |= deployments.controller().processNext();
            busy |= replicaSets.controller().processNext();
            busy |= runNode();
            world.failIfBroken();
            if (!busy) {
                if (world.isSettled()) {
                    return;
                }
                var due = world.time.nextDue();
                if (due == null) {
                    break;
                }
                world.time.advance(Duration.between(world.time.instant(), due));
            }
        }
        throw new AssertionError("not settled: " + world.summary());
    }

    private void checkHistory() {
        int limit = Objects.requireNonNull(world.deployment()).getSpec().getRevisionHistoryLimit();
        long old = world.all(ReplicaSet.class).stream()
                .filter(rs -> rs.getSpec().getReplicas() == 0)
                .count();
        if (old > limit) {
            throw new AssertionError(old + " old ReplicaSets are kept, the limit is " + limit);
        }
    }
}
