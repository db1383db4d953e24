package dev.sampan.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    private static final int HISTORY_SLICE = 4_000;

    private final Journal journal;
    private final Retention retention;
    private final InstantSource clock;
    private final CompactionPolicy policy;
    private final EventRing ring;
    private final Watchers watchers = new Watchers();
    private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private final Thread sequencer = Thread.ofPlatform().name("store-sequencer").unstarted(this::run);

    /** Held while a group becomes visible, so that a watch begins exactly between two groups. */
    private final ReentrantLock publishing = new ReentrantLock();

    private volatile State state;
    private volatile long compacted;
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
        this.ring = new EventRing(retention.memoryRevisions(), retention.memoryBytes(), recovered.revision() + 1);
        this.state = new State(recovered.entries(), recovered.revision());
        this.compacted = recovered.compacted();
        this.tended = clock.instant();
        this.tendedRevision = recovered.revision();
        watchers.start();
        sequencer.setDaemon(true);
        sequencer.start();
    }

    /** What the sequencer is asked to do. */
    private sealed interface Command {

        record Write(WriteRequest request) implements Command {}

        record Compact(long revision, CompletableFuture<Void> done) implements Command {}

        record Tend(CompletableFuture<Void> done) implements Command {}

        record Stop() implements Command {}
    }

    private record State(SortedEntries entries, long revision) implements Snapshot {

        @Override
        public @Nullable Entry get(String key) {
            return entries.get(key);
        }

        @Override
        public Iterable<Entry> range(String prefix, @Nullable String startKeyInclusive) {
            return () ->
                    (Iterator<Entry>) entries.range(prefix, startKeyInclusive == null ? prefix : startKeyInclusive);
        }

        @Override
        public long count(String prefix) {
            return entries.count(prefix);
        }
    }

    @Override
    public Snapshot snapshot() {
        return state;
    }

    @Override
    public Snapshot snapshot(long revision) {
        var now = state;
        if (revision > now.revision()) {
            throw new FutureRevisionException(revision, now.revision());
        }
        if (revision < compacted) {
            throw new CompactedException(revision, compacted);
        }
        if (revision == now.revision()) {
            return now;
        }
        var commit = ring.get(revision);
        return commit != null ? new State(commit.entries(), revision) : rewind(now, revision);
    }

    /** Undoes events of the journal, beginning at the oldest state in memory. */
    private Snapshot rewind(State now, long revision) {
        var oldest = ring.get(ring.oldest());
        var entries = oldest == null ? now.entries() : oldest.entries();
        long from = oldest == null ? now.revision() : oldest.event().revision();
        for (var event : journal.history(revision, from).reversed()) {
            entries = event.previous() == null ? entries.without(event.entry().key()) : entries.with(event.previous());
        }
        return new State(entries, revision);
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
            result.completeExceptionally(closed());
        }
    }

    @Override
    public Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
        var past = new ArrayList<Event>();
        long covered = fromRevision;
        while (true) {
            publishing.lock();
            try {
                if (stopped) {
                    throw closed();
                }
                if (fromRevision < compacted) {
                    throw new CompactedException(fromRevision, compacted);
                }
                var recent = ring.events(covered, state.revision());
                if (recent != null) {
                    past.addAll(Watchers.under(prefix, recent));
                    return watchers.join(prefix, fromRevision, past, consumer);
                }
            } finally {
                publishing.unlock();
            }
            long upTo = Math.min(ring.oldest() - 1, covered + HISTORY_SLICE);
            past.addAll(Watchers.under(prefix, journal.history(covered, upTo)));
            covered = upTo;
        }
    }

    @Override
    public void compact(long revision) {
        long current = state.revision();
        if (revision > current) {
            throw new FutureRevisionException(revision, current);
        }
        var done = new CompletableFuture<Void>();
        enqueue(new Command.Compact(revision, done), done);
        join(done);
    }

    @Override
    public long compactedRevision() {
        return compacted;
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

    private static void join(CompletableFuture<Void> done) {
        try {
            done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : e;
        }
    }

    private static StoreException closed() {
        return new StoreException("the store is closed");
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
        var group = new WriteGroup(state.entries(), state.revision());
        for (var command : waiting) {
            if (command instanceof Command.Write(WriteRequest request)) {
                if (group.isFull()) {
                    commit(group);
                    group = new WriteGroup(state.entries(), state.revision());
                }
                group.add(request);
                continue;
            }
            commit(group);
            group = new WriteGroup(state.entries(), state.revision());
            switch (command) {
                case Command.Compact(long revision, var done) -> complete(done, () -> compactTo(revision));
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
                publish(group);
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

    private void publish(WriteGroup group) {
        publishing.lock();
        try {
            group.commits().forEach(ring::add);
            state = new State(group.entries(), group.revision());
            watchers.publish(group.events());
        } finally {
            publishing.unlock();
        }
    }

    private boolean tendingIsDue() {
        return tended.plus(HOUSEKEEPING).isBefore(clock.instant())
                || state.revision() - tendedRevision > Math.max(100, retention.maxRevisions() / 10);
    }

    private void compactByPolicy() {
        tended = clock.instant();
        tendedRevision = state.revision();
        compactTo(policy.target(tended, tendedRevision, compacted));
        sweeping = true;
    }

    private void compactTo(long revision) {
        if (revision > compacted) {
            journal.compact(revision);
            compacted = revision;
            sweeping = true;
        }
    }

    private static void complete(CompletableFuture<Void> done, Runnable action) {
        try {
            action.run();
            done.complete(null);
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
            refuse(command, closed());
        }
        watchers.stop();
        journal.close();
    }

    private static void refuse(Command command, StoreException reason) {
        switch (command) {
            case Command.Write(var request) -> request.result().completeExceptionally(reason);
            case Command.Compact(var revision, var done) -> done.completeExceptionally(reason);
            case Command.Tend(var done) -> done.completeExceptionally(reason);
            case Command.Stop() -> {}
        }
    }
}
