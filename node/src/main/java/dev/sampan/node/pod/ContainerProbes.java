package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The probes of one run of one container. Startup comes first; the others begin when it has succeeded. The verdicts are written by the
 * probes' threads and read by the pod's worker.
 */
final class ContainerProbes implements AutoCloseable {

    private final Container container;
    private final RunId id;
    private final String podIp;
    private final ProbeRunner runner;
    private final PodEvents events;
    private final Pod pod;
    private final Runnable changed;
    private final Map<ProbeLoop.Kind, ProbeLoop> loops = new EnumMap<>(ProbeLoop.Kind.class);
    private volatile boolean started;
    private volatile boolean ready;
    private volatile boolean unhealthy;
    private volatile String unhealthyReason = "";

    ContainerProbes(
            Pod pod,
            Container container,
            RunId id,
            String podIp,
            ProbeRunner runner,
            PodEvents events,
            Runnable changed) {
        this.pod = pod;
        this.container = container;
        this.id = id;
        this.podIp = podIp;
        this.runner = runner;
        this.events = events;
        this.changed = changed;
        if (container.getStartupProbe() == null) {
            startRest();
        } else {
            start(ProbeLoop.Kind.STARTUP, container.getStartupProbe());
        }
    }

    RunId id() {
        return id;
    }

    /** Whether the startup probe has succeeded, or there is none. */
    boolean started() {
        return started;
    }

    /** Whether traffic may come. */
    boolean ready() {
        return ready;
    }

    /** Whether a startup or liveness probe asks for a restart. */
    boolean unhealthy() {
        return unhealthy;
    }

    String unhealthyReason() {
        return unhealthyReason;
    }

    private synchronized void startRest() {
        started = true;
        if (container.getLivenessProbe() != null) {
            start(ProbeLoop.Kind.LIVENESS, container.getLivenessProbe());
        }
        if (container.getReadinessProbe() == null) {
            ready = true;
        } else {
            start(ProbeLoop.Kind.READINESS, container.getReadinessProbe());
        }
    }

    private synchronized void start(ProbeLoop.Kind kind, Probe probe) {
        var listener = new ProbeLoop.Listener() {
            @Override
            public void verdict(ProbeLoop.Kind about, boolean good) {
                apply(about, good);
            }

            @Override
            public void failed(ProbeLoop.Kind about, String output) {
                events.warning(pod, container, "Unhealthy", about.title() + " probe failed: " + output);
            }
        };
        loops.put(kind, new ProbeLoop(runner, kind, probe, container, id, podIp, listener));
    }

    private void apply(ProbeLoop.Kind kind, boolean good) {
        switch (kind) {
            case STARTUP -> {
                if (good) {
                    closeLoop(ProbeLoop.Kind.STARTUP);
                    startRest();
                } else {
                    askForRestart("failed startup probe");
                }
            }
            case LIVENESS -> {
                if (!good) {
                    askForRestart("failed liveness probe");
                }
            }
            case READINESS -> ready = good;
        }
        changed.run();
    }

    private void askForRestart(String reason) {
        unhealthyReason = reason;
        unhealthy = true;
    }

    private synchronized void closeLoop(ProbeLoop.Kind kind) {
        Objects.requireNonNull(loops.remove(kind)).close();
    }

    @Override
    public synchronized void close() {
        loops.values().forEach(ProbeLoop::close);
        loops.clear();
        ready = false;
    }
}
