package dev.sampan.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store over a {@link Journal}. One thread, the sequencer, owns the journal and all writing: it takes the writes that wait, plans
 * them against the state, appends the planned events to the journal in one go, and only then publishes them. Readers take the
 * published state, which is immutable.
 */
abstract sealed class SequencedStore implements Store permits MemoryStore, SqliteStore {

    /** The revision of an empty store. */
    static final long FIRST_REVISION = 1;

    private static final Logger log = LoggerFactory.getLogger(SequencedStore.class);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);

    private final Journal journal;
    private final Retention retention;
    private final InstantSource clock;
    private final CompactionPolicy policy;
    private final Published published;
    private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private final Thread sequencer = Thread.ofPlatform().name("store-sequencer").unstarted(this::run);

    private volatile boolean stopped;

    // The sequencer's own.
    private boolean sweeping = true;
    private Instant tended;
    private long tendedRevision;

    SequencedStore(Journal journal, Journal.Recovered recovered, Retention retention, InstantSource clock) {
        this.journal = journal;
        this.retention = retention;
        this.clock = clock;
        this.policy = new CompactionPolicy(retention);
        this.published =
                new Published(journal, recovered.entries(), recovered.revision(), recovered.compacted(), retention);
        this.tended = clock.instant();
        this.tendedRevision = recovered.revision();
        sequencer.setDaemon(true);
        sequencer.start();
    }

    /** What the sequencer is asked to do. */
    private sealed interface Command {

        record Write(WriteRequest request) implements Command {}

        record Compact(long revision, CompletableFuture<Void> done) implements Command {}

        record Shrink(CompletableFuture<Shrunk> done) implements Command {}

        record Tend(CompletableFuture<Void> done) implements Command {}

        record Stop() implements Command {}
    }

    @Override
    public Snapshot snapshot() {
        return published.latest();
    }

    @Override
    public Snapshot snapshot(long revision) {
        return published.at(revision);
    }

    @Override
    public CompletableFuture<Entry> put(String key, byte[] value, long expectedRevision) {
        Objects.requireNonNull(value, "value");
        return submit(new WriteRequest(key, value, expectedRevision, new CompletableFuture<>()));
    }

    @Override
    public CompletableFuture<Entry> delete(String key, long expectedRevision) {
        return submit(new WriteRequest(key, null, expectedRevision, new CompletableFuture<>()));
    }

    private CompletableFuture<Entry> submit(WriteRequest request) {
        enqueue(new Command.Write(request), request.result());
        return request.result();
    }

    private void enqueue(Command command, CompletableFuture<?> result) {
        commands.add(command);
        if (stopped && commands.remove(command)) {
            result.completeExceptionally(StoreException.closed());
        }
    }

    @Override
    public Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
        return published.watch(prefix, fromRevision, consumer);
    }

    @Override
    public void compact(long revision) {
        long current = published.latest().revision();
        if (revision > current) {
            throw new FutureRevisionException(revision, current);
        }
        var done = new CompletableFuture<Void>();
        enqueue(new Command.Compact(revision, done), done);
        join(done);
    }

    @Override
    public Shrunk shrink() {
        var done = new CompletableFuture<Shrunk>();
        enqueue(new Command.Shrink(done), done);
        return join(done);
    }

    @Override
    public long compactedRevision() {
        return published.compacted();
    }

    /** Does now what the sequencer does every few seconds: compacts what the retention policy gives up. */
    void tend() {
        var done = new CompletableFuture<Void>();
        enqueue(new Command.Tend(done), done);
        join(done);
    }

    @Override
    public void close() {
        commands.add(new Command.Stop());
        boolean interrupted = false;
        while (true) {
            try {
                sequencer.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T join(CompletableFuture<T> done) {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : e;
        }
    }

    // From here on the sequencer thread runs.

    private void run() {
        var waiting = new ArrayList<Command>();
        while (!stopped) {
            waiting.clear();
            awaitCommands(waiting);
            try {
                execute(waiting);
            } catch (RuntimeException | Error e) {
                log.error("The store could not do what it was asked and goes on", e);
                var reason = new StoreException("the store failed: " + e, e);
                waiting.forEach(command -> refuse(command, reason)); // those that are done stay so
            }
            if (tendingIsDue()) {
                attempt("compact history", this::compactByPolicy);
            }
            if (sweeping) {
                sweeping = false;
                attempt("free compacted history", () -> sweeping = journal.sweep());
            }
        }
        shutDown();
    }

    private void awaitCommands(List<Command> waiting) {
        if (commands.drainTo(waiting) > 0 || sweeping) {
            return;
        }
        try {
            var first = commands.poll(HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                waiting.add(first);
                commands.drainTo(waiting);
            }
        } catch (InterruptedException e) {
            log.warn("The store's sequencer was interrupted and goes on; close() ends it", e);
        }
    }

    private void execute(List<Command> waiting) {
        var group =
                new WriteGroup(published.latest().entries(), published.latest().revision());
        for (var command : waiting) {
            if (command instanceof Command.Write(WriteRequest request)) {
                if (group.isFull()) {
                    commit(group);
                    group = new WriteGroup(
                            published.latest().entries(), published.latest().revision());
                }
                group.add(request);
                continue;
            }
            commit(group);
            group = new WriteGroup(
                    published.latest().entries(), published.latest().revision());
            switch (command) {
                case Command.Compact(long revision, var done) -> complete(done, () -> compactTo(revision));
                case Command.Shrink(var done) -> complete(done, journal::shrink);
                case Command.Tend(var done) -> complete(done, this::compactByPolicy);
                case Command.Stop() -> stopped = true;
                case Command.Write write -> throw new AssertionError(write);
            }
        }
        commit(group);
    }

    private void commit(WriteGroup group) {
        try {
            if (!group.commits().isEmpty()) {
                journal.append(group.events());
                published.publish(group.commits(), group.events(), group.entries(), group.revision());
            }
        } catch (StoreException e) {
            group.fail(e);
            return;
        } catch (RuntimeException | Error e) {
            log.error("A group of writes failed", e);
            group.fail(new StoreException("the write failed: " + e, e));
            return;
        }
        group.complete();
    }

    private boolean tendingIsDue() {
        return tended.plus(HOUSEKEEPING).isBefore(clock.instant())
                || published.latest().revision() - tendedRevision > Math.max(100, retention.maxRevisions() / 10);
    }

    private void compactByPolicy() {
        tended = clock.instant();
        tendedRevision = published.latest().revision();
        compactTo(policy.target(tended, tendedRevision, published.compacted()));
        sweeping = true;
    }

    private void compactTo(long revision) {
        if (revision > published.compacted()) {
            journal.compact(revision);
            published.forget(revision);
            sweeping = true;
        }
    }

    private static void complete(CompletableFuture<Void> done, Runnable action) {
        complete(done, () -> {
            action.run();
            return null;
        });
    }

    private static <T> void complete(CompletableFuture<T> done, Supplier<? extends T> action) {
        try {
            done.complete(action.get());
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
    }

    /** Runs an action that can be retried later. */
    private static void attempt(String what, Runnable action) {
        try {
            action.run();
        } catch (StoreException e) {
            log.warn("Could not {}, will try again: {}", what, e.getMessage());
        }
    }

    private void shutDown() {
        for (var command = commands.poll(); command != null; command = commands.poll()) {
            refuse(command, StoreException.closed());
        }
        published.close();
        journal.close();
    }

    private static void refuse(Command command, StoreException reason) {
        switch (command) {
            case Command.Write(var request) -> request.result().completeExceptionally(reason);
            case Command.Compact(var revision, var done) -> done.completeExceptionally(reason);
            case Command.Shrink(var done) -> done.completeExceptionally(reason);
            case Command.Tend(var done) -> done.completeExceptionally(reason);
            case Command.Stop() -> {}
        }
    }
}
