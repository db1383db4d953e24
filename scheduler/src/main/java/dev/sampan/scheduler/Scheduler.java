package dev.sampan.scheduler;

import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.snapshot.ClusterCache;
import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigns pods to nodes. One thread owns all state: changes of the cluster and the outcomes of bindings come to it as
 * messages, and between messages it makes scheduling attempts one after the other. What it decides is applied by other
 * threads ({@link ClusterEffects}).
 */
public final class Scheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final Duration BETWEEN_TICKS = Duration.ofSeconds(1);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

    private final Informers informers;
    private final Timers timers;
    private final Events events;
    private final ClusterEffects effects;
    private final SchedulingCore core;
    private final LinkedBlockingQueue<Runnable> messages = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private Instant nextTick = Instant.MIN;

    /** @param informers shared with other actors of the process; asked for what the scheduler needs */
    public Scheduler(KubernetesClient client, Informers informers, Timers timers, SchedulerConfig config) {
        this.informers = informers;
        this.timers = timers;
        this.events = new Events(client, config.schedulerName(), timers);
        this.effects = new ClusterEffects(
                client, events, timers, config.schedulerName(), config.bindersAtOnce(), new ClusterEffects.Outcome() {
                    @Override
                    public void bound(PodInfo pod) {
                        messages.add(() -> core().bound(pod, timers.instant()));
                    }

                    @Override
                    public void bindingFailed(PodInfo pod, String message) {
                        messages.add(() -> core().bindingFailed(pod, message, timers.instant()));
                    }
                });
        this.core = new SchedulingCore(config, new SplittableRandom(config.seed()), effects);
        this.thread = Thread.ofPlatform().name("scheduler").daemon().unstarted(this::run);
    }

    private SchedulingCore core() {
        return core;
    }

    /** Waits for a first view of the cluster, then schedules until closed. */
    public void start() {
        Informer<Node> nodes = informers.of(Node.class);
        Informer<Pod> pods = informers.of(Pod.class);
        ClusterCache cache = core.cache();
        follow(
                nodes,
                core::nodeChanged,
                (node, now) -> cache.removeNode(node.getMetadata().getName()));
        follow(pods, core::podChanged, core::podDeleted);
        follow(informers.of(PersistentVolumeClaim.class), core::claimChanged, (claim, now) -> cache.removeClaim(claim));
        follow(
                informers.of(PersistentVolume.class),
                (volume, now) -> {
                    cache.putVolume(volume);
                    core.wake(new ClusterEvent.StorageChanged(), now);
                },
                (volume, now) -> cache.removeVolume(volume.getMetadata().getName()));
        follow(
                informers.of(StorageClass.class),
                (storageClass, now) -> {
                    cache.putStorageClass(storageClass);
                    core.wake(new ClusterEvent.StorageChanged(), now);
                },
                (storageClass, now) ->
                        cache.removeStorageClass(storageClass.getMetadata().getName()));
        follow(
                informers.of(Namespace.class),
                (namespace, now) -> {
                    cache.putNamespace(namespace);
                    core.wake(
                            new ClusterEvent.NamespaceChanged(
                                    namespace.getMetadata().getName()),
                            now);
                },
                (namespace, now) ->
                        cache.removeNamespace(namespace.getMetadata().getName()));
        follow(
                informers.of(PodDisruptionBudget.class),
                (budget, now) -> cache.putBudget(budget),
                (budget, now) -> cache.removeBudget(budget));
        informers.start();
        seed(nodes, pods);
        thread.start();
    }

    /** The handlers may still be catching up with the first lists; bound pods must count before the first attempt. */
    private void seed(Informer<Node> nodes, Informer<Pod> pods) {
        Instant now = timers.instant();
        nodes.list().forEach(node -> core.nodeChanged(node, now));
        for (Pod pod : pods.list()) {
            if (pod.getSpec().getNodeName() != null) {
                core.podChanged(pod, now);
            }
        }
    }

    private <T extends HasMetadata> void follow(
            Informer<T> informer, BiConsumer<T, Instant> changed, BiConsumer<T, Instant> deleted) {
        informer.onChange(new Informer.Handler<>() {
            @Override
            public void added(T object) {
                messages.add(() -> changed.accept(object, timers.instant()));
            }

            @Override
            public void updated(T old, T object) {
                messages.add(() -> changed.accept(object, timers.instant()));
            }

            @Override
            public void deleted(T object) {
                messages.add(() -> deleted.accept(object, timers.instant()));
            }
        });
    }

    private void run() {
        while (!closed) {
            try {
                for (var message = messages.poll(); message != null; message = messages.poll()) {
                    message.run();
                }
                Instant now = timers.instant();
                if (!now.isBefore(nextTick)) {
                    core.tick(now);
                    nextTick = now.plus(BETWEEN_TICKS);
                }
                if (!core.step(now)) {
                    core.tick(now);
                    await(core.nextDeadline(now), now);
                }
            } catch (InterruptedException e) {
                closed = true;
            } catch (RuntimeException e) {
                LOG.error("a scheduling step failed; going on with the next", e);
            }
        }
    }

    private void await(Instant deadline, Instant now) throws InterruptedException {
        var alarm = timers.after(Duration.between(now, deadline), () -> messages.add(() -> {}));
        try {
            messages.take().run();
        } finally {
            alarm.cancel();
        }
    }

    /** Makes no further attempt and waits for bindings that are under way. */
    @Override
    public void close() {
        closed = true;
        messages.add(() -> {});
        try {
            if (!thread.join(LONGEST_CLOSE)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        effects.close();
        events.close();
    }
}
