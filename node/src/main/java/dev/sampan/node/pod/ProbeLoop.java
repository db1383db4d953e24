package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Repeats one probe of one run of a container until it is closed, and reports each change of its verdict. */
final class ProbeLoop implements AutoCloseable {

    /** Which of a container's probes. */
    enum Kind {
        STARTUP("Startup"),
        LIVENESS("Liveness"),
        READINESS("Readiness");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /**
     * Told from the probe's own thread.
     *
     * @param verdict true once {@code successThreshold} probes in a row succeeded, false once {@code failureThreshold} failed
     */
    interface Listener {
        void verdict(Kind kind, boolean verdict);

        void failed(Kind kind, String output);
    }

    private final Thread thread;

    ProbeLoop(
            ProbeRunner runner,
            Kind kind,
            Probe probe,
            Container container,
            RunId id,
            String podIp,
            Listener listener) {
        thread = Thread.ofVirtual()
                .name("probe " + id + " " + kind)
                .start(() -> run(runner, kind, probe, container, id, podIp, listener));
    }

    private static void run(
            ProbeRunner runner,
            Kind kind,
            Probe probe,
            Container container,
            RunId id,
            String podIp,
            Listener listener) {
        int successes = 0;
        int failures = 0;
        try {
            Thread.sleep(Duration.ofSeconds(number(probe.getInitialDelaySeconds(), 0)));
            while (true) {
                var outcome = probe(runner, probe, container, id, podIp);
                successes = outcome.success() ? successes + 1 : 0;
                failures = outcome.success() ? 0 : failures + 1;
                if (!outcome.success()) {
                    listener.failed(kind, outcome.output());
                }
                report(kind, probe, successes, failures, listener);
                Thread.sleep(Duration.ofSeconds(number(probe.getPeriodSeconds(), 10)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private static void report(Kind kind, Probe probe, int successes, int failures, Listener listener) {
        if (successes == number(probe.getSuccessThreshold(), 1)) {
            listener.verdict(kind, true);
        } else if (failures == number(probe.getFailureThreshold(), 3)) {
            listener.verdict(kind, false);
        }
    }

    private static ProbeRunner.Outcome probe(
            ProbeRunner runner, Probe probe, Container container, RunId id, String podIp) throws InterruptedException {
        var timeout = Duration.ofSeconds(number(probe.getTimeoutSeconds(), 1));
        if (probe.getHttpGet() != null) {
            return runner.http(probe.getHttpGet(), container, podIp, timeout);
        }
        if (probe.getTcpSocket() != null) {
            return runner.tcp(probe.getTcpSocket(), container, podIp, timeout);
        }
        if (probe.getExec() != null) {
            return runner.exec(probe.getExec(), id, timeout);
        }
        if (probe.getGrpc() != null) {
            return runner.grpc(probe.getGrpc(), podIp, timeout);
        }
        return new ProbeRunner.Outcome(false, "missing probe handler");
    }

    private static int number(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
