package dev.sampan.client;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one of several processes do some work, by means of a Lease that they compete for. Record and timing are those of Kubernetes
 * (client-go's {@code tools/leaderelection}), so that its components and {@code kubectl get leases} understand them. A lease counts as valid for
 * its duration since this process last saw it change: clocks need not agree, only run equally fast.
 *
 * <p>Who does not get the lease renewed in time stops before others may begin. That a request sent just before still arrives just after cannot be
 * ruled out; writes that matter carry a resourceVersion.
 *
 * <p>Owner: {@link LeaseRecord} belongs to the thread of the rounds, a running work to the thread of the work, the rest is guarded by this.
 */
public final class LeaderElection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);
    private static final double JITTER = 1.2;
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(5);

    private final Config config;
    private final Timers timers;
    private final RandomGenerator random;
    private final Work work;
    private final LeaseRecord lease;
    private final Executor rounds;
    private final Executor working;
    private Timers.Timer nextRound = () -> {};
    private Timers.Timer deadline = () -> {};
    private @Nullable Leading term;
    private boolean closed;

    /**
     * @param namespace of the lease
     * @param name of the lease, such as {@code kube-scheduler}
     * @param identity this process's, unlike all others'
     * @param leaseDuration how long others wait after the last renewal that they saw
     * @param renewDeadline how long the leader works without a renewal
     * @param retryPeriod between two renewals; others wait up to 2.2 times as long between two looks
     */
    public record Config(
            String namespace,
            String name,
            String identity,
            Duration leaseDuration,
            Duration renewDeadline,
            Duration retryPeriod) {

        public Config {
            if (leaseDuration.compareTo(renewDeadline) <= 0) {
                throw new IllegalArgumentException("the lease must last longer than the deadline for its renewal");
            }
            if (renewDeadline.toMillis() <= JITTER * retryPeriod.toMillis()) {
                throw new IllegalArgumentException("the deadline must be longer than 1.2 retry periods");
            }
        }

        /** In kube-system, with Kubernetes' timing: 15 s, 10 s and 2 s. */
        public static Config of(String name, String identity) {
            return new Config(
                    "kube-system",
                    name,
                    identity,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2));
        }
    }

    /** What the leader does. */
    @FunctionalInterface
    public interface Work {
        /** Starts it, on a thread of its own; closing what it returns stops it. What it throws gives the lead up. */
        AutoCloseable start(Term term) throws Exception;
    }

    /** The time from becoming leader to ceasing to be. Any thread. */
    @FunctionalInterface
    public interface Term {
        /** Whether it still lasts, by the clock too: a process that was stopped for a while knows at once. */
        boolean lasts();
    }

    /** @param work started when this process leads, stopped when it does not any more, again and again */
    public LeaderElection(KubernetesClient client, Config config, Timers timers, Work work) {
        this(
                client,
                config,
                timers,
                work,
                new SplittableRandom(),
                serial("election of " + config.name()),
                serial(config.name()));
    }

    /** @param rounds and {@code working} run tasks one after the other; they are shut down with this */
    LeaderElection(
            KubernetesClient client,
            Config config,
            Timers timers,
            Work work,
            RandomGenerator random,
            Executor rounds,
            Executor working) {
        this.config = config;
        this.timers = timers;
        this.work = work;
        this.random = random;
        this.lease = new LeaseRecord(client, config);
        this.rounds = rounds;
        this.working = working;
    }

    private static ExecutorService serial(String name) {
        return Executors.newSingleThreadExecutor(Thread.ofVirtual().name(name).factory());
    }

    /** Begins to compete; returns at once. */
    public void start() {
        rounds.execute(this::round);
    }

    /** Whether this process leads now. */
    public synchronized boolean isLeading() {
        return term != null && term.lasts();
    }

    private void round() {
        if (isClosed()) {
            return;
        }
        try {
            compete();
        } catch (KubernetesClientException e) {
            LOG.debug("{}: the lease could not be had, will try again: {}", config.name(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{}: a round of the election failed, will try again", config.name(), e);
        }
        again();
    }

    private void compete() {
        var now = timers.instant();
        var found = lease.read(now);
        if (!lease.isOurs()) {
            lose("it is held by " + lease.holder());
            if (lease.isValid(now)) {
                return;
            }
        }
        lease.take(found, now);
        won(now);
    }

    private synchronized void again() {
        if (!closed) {
            double factor = term != null ? 1 : 1 + JITTER * random.nextDouble();
            var wait = Duration.ofMillis((long) (config.retryPeriod().toMillis() * factor));
            nextRound = timers.after(wait, () -> rounds.execute(this::round));
        }
    }

    /** @param now when the lease was asked for; the answer may have taken long */
    private synchronized void won(Instant now) {
        var until = now.plus(config.renewDeadline());
        var left = Duration.between(timers.instant(), until);
        if (closed || !left.isPositive()) {
            return;
        }
        deadline.cancel();
        deadline = timers.after(left, this::checkDeadline);
        if (term != null) {
            term.until = until;
            return;
        }
        LOG.info("{}: {} leads", config.name(), config.identity());
        var begun = new Leading(until);
        term = begun;
        working.execute(begun::begin);
    }

    private synchronized void checkDeadline() {
        if (term != null && !term.lasts()) {
            lose("the lease could not be renewed within "
                    + config.renewDeadline().toSeconds() + " s");
        }
    }

    private synchronized void lose(String reason) {
        var ended = term;
        if (ended != null) {
            LOG.warn("{}: {} leads no more: {}", config.name(), config.identity(), reason);
            deadline.cancel();
            term = null;
            ended.over = true;
            working.execute(ended::end);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Only {@link #working} calls its methods, but for {@link #lasts}. */
    private final class Leading implements Term {

        private volatile Instant until;
        private volatile boolean over;
        private @Nullable AutoCloseable running;

        Leading(Instant until) {
            this.until = until;
        }

        @Override
        public boolean lasts() {
            return !over && timers.instant().isBefore(until);
        }

        void begin() {
            if (over) {
                return;
            }
            try {
                running = work.start(this);
            } catch (Exception e) {
                LOG.error("{}: the work could not be started, others may try", config.name(), e);
                giveUp(this);
            }
        }

        void end() {
            if (running != null) {
                try {
                    running.close();
                } catch (Exception e) {
                    LOG.warn("{}: stopping the work", config.name(), e);
                }
                running = null;
            }
        }
    }

    private synchronized void giveUp(Leading failed) {
        if (term == failed) {
            lose("the work could not be started");
            rounds.execute(this::release);
        }
    }

    private void release() {
        try {
            lease.release(timers.instant());
        } catch (RuntimeException e) {
            LOG.warn("{}: the lease runs out by itself, it could not be released: {}", config.name(), e.getMessage());
        }
    }

    /** Stops the work, and then releases the lease, so that another need not wait for it to run out. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            nextRound.cancel();
            lose("it is being closed");
        }
        CompletableFuture.runAsync(() -> {}, working).join();
        try {
            CompletableFuture.runAsync(this::release, rounds).get(LONGEST_RELEASE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("{}: the lease runs out by itself, the API does not answer", config.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (var each : new Executor[] {rounds, working}) {
            if (each instanceof ExecutorService service) {
                service.shutdownNow();
            }
        }
    }
}
