package dev.sampan.scheduler;

import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An API server of a few maps around a {@link SchedulingCore}: effects and watch events arrive late, in random
 * interleavings, and bindings are refused now and then. All randomness comes from one seed.
 */
final class SimulatedCluster {

    final Map<String, Node> nodes = new LinkedHashMap<>();
    final Map<String, Pod> pods = new LinkedHashMap<>();
    final SchedulingCore core;
    private final SplittableRandom random;
    private final double refusals;
    private final Deque<Effect> effects = new ArrayDeque<>();
    private final Deque<Runnable> watch = new ArrayDeque<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    SimulatedCluster(SplittableRandom random, double refusals) {
        this.random = random;
        this.refusals = refusals;
        this.core = new SchedulingCore(SchedulerConfig.defaults(), random.split(), effects::add);
    }

    void put(Node node) {
        nodes.put(node.getMetadata().getName(), node);
        watch.add(() -> core.nodeChanged(node, now));
    }

    void put(Pod pod) {
        pods.put(pod.getMetadata().getUid(), pod);
        watch.add(() -> core.podChanged(pod, now));
    }

    void delete(Pod pod) {
        Pod last = pods.remove(pod.getMetadata().getUid());
        if (last != null) {
            watch.add(() -> core.podDeleted(last, now));
        }
    }

    /** Does one thing: delivers a watch event, applies an effect, makes an attempt, or lets time pass. */
    void advance() {
        switch (random.nextInt(4)) {
            case 0 -> deliver();
            case 1 -> applyOne();
            case 2 -> core.step(now);
            default -> {
                now = now.plus(Duration.ofMillis(random.nextInt(500)));
                core.tick(now);
            }
        }
    }

    private void deliver() {
        Runnable event = watch.poll();
        if (event != null) {
            event.run();
        }
    }

    private void applyOne() {
        Effect effect = effects.poll();
        if (effect != null) {
            apply(effect);
        }
    }

    private void apply(Effect effect) {
        switch (effect) {
            case Effect.Bind bind -> bind(bind);
            case Effect.Evict evict -> {
                for (PodInfo victim : evict.victims()) {
                    delete(victim.pod());
                }
            }
            case Effect.ReportFailure report -> {
                Pod pod = pods.get(report.pod().uid());
                if (pod != null
                        && pod.getSpec().getNodeName() == null
                        && report.nomination() instanceof Effect.Nomination.Set(var node)) {
                    nominate(pod, node);
                }
            }
            case Effect.PrepareVolumes _, Effect.ReportGated _ -> throw new AssertionError(effect);
        }
    }

    private void nominate(Pod pod, @Nullable String node) {
        put(new PodBuilder(pod)
                .editStatus()
                .withNominatedNodeName(node)
                .endStatus()
                .build());
    }

    private void bind(Effect.Bind bind) {
        Pod pod = pods.get(bind.pod().uid());
        if (pod == null || pod.getSpec().getNodeName() != null || random.nextDouble() < refusals) {
            core.bindingFailed(bind.pod(), "refused", now);
            return;
        }
        put(new PodBuilder(pod).editSpec().withNodeName(bind.node()).endSpec().build());
        core.bound(bind.pod(), now);
    }

    /** Lets everything settle: no pending message, and nothing more happens within ten minutes. */
    void settle() {
        Instant end = now.plus(Duration.ofMinutes(12));
        while (now.isBefore(end)) {
            while (!watch.isEmpty() || !effects.isEmpty()) {
                deliver();
                applyOne();
            }
            if (!core.step(now)) {
                now = now.plusSeconds(1);
                core.tick(now);
            }
        }
    }

    List<Pod> podsOn(String node) {
        List<Pod> result = new ArrayList<>();
        for (Pod pod : pods.values()) {
            if (node.equals(pod.getSpec().getNodeName())) {
                result.add(pod);
            }
        }
        return result;
    }
}
