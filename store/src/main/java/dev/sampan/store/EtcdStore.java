package dev.sampan.store;

import com.google.protobuf.UnsafeByteOperations;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in etcd 3.4 or later, which several processes may share. Reads are answered from a mirror in memory that follows etcd's events; a
 * write is a transaction on the key's {@code mod_revision}, and is answered once etcd has it on disk and the mirror shows it. What others
 * have written is certain to be in {@link #latest()} only.
 *
 * <p>A write fails with a {@link StoreException} when etcd does not answer; then it is not known whether it was made. It is read, like any
 * other, once etcd answers again.
 */
public final class EtcdStore implements Store {

    private static final Logger log = LoggerFactory.getLogger(EtcdStore.class);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);

    private final EtcdConnection etcd;
    private final EtcdMirror mirror;
    private final LatestRevision latestRevision;
    private final InFlight inFlight = new InFlight();
    private final InstantSource clock;
    private final CompactionPolicy policy; // the housekeeper's own
    private final Thread housekeeper =
            Thread.ofVirtual().name("etcd-housekeeper").unstarted(this::keepHouse);

    private EtcdStore(EtcdConnection etcd, EtcdMirror mirror, Options options) {
        this.etcd = etcd;
        this.mirror = mirror;
        this.latestRevision = new LatestRevision(etcd::revision);
        this.clock = options.clock();
        this.policy = new CompactionPolicy(options.retention());
        housekeeper.start();
    }

    /**
     * Where etcd is and how to use it.
     *
     * @param endpoints the members' client addresses, {@code http} or {@code https}, all of one kind
     * @param prefix what stands before every key in etcd; empty for nothing
     * @param tls how to speak to {@code https} endpoints; null for the system's authorities and no client certificate
     * @param retention how much history to keep, in etcd and in memory
     * @param clock what the age of history is told by
     */
    public record Options(
            List<URI> endpoints, String prefix, @Nullable Tls tls, Retention retention, InstantSource clock) {

        /** Without TLS, nothing before the keys, usual retention. */
        public static Options of(URI... endpoints) {
            return new Options(List.of(endpoints), "", null, Retention.DEFAULT, InstantSource.system());
        }
    }

    /**
     * PEM files.
     *
     * @param authority who signed the members' certificates; null for the system's authorities
     * @param certificate this client's, with {@code key}; null when etcd asks for none
     */
    public record Tls(
            @Nullable Path authority,
            @Nullable Path certificate,
            @Nullable Path key) {}

    /** Reads what is there. @throws StoreException if no endpoint answers, or one does not want to be read */
    public static EtcdStore open(Options options) {
        var etcd = new EtcdConnection(options.endpoints(), options.prefix(), options.tls());
        try {
            return new EtcdStore(etcd, EtcdMirror.load(etcd, options.retention()), options);
        } catch (RuntimeException | Error e) {
            etcd.close();
            throw e;
        }
    }

    @Override
    public Snapshot snapshot() {
        return mirror.published().latest();
    }

    /** Asks etcd for its revision and waits until the mirror has got there; callers that ask at the same time share the question. */
    @Override
    public Snapshot latest() {
        EtcdConnection.await(latestRevision.get().thenCompose(mirror::reached));
        return snapshot();
    }

    @Override
    public Snapshot snapshot(long revision) {
        return mirror.published().at(revision);
    }

    @Override
    public CompletableFuture<Entry> put(String key, byte[] value, long expectedRevision) {
        Objects.requireNonNull(value, "value");
        var name = etcd.name(key);
        // A key that does not exist has the modification revision 0, which is ABSENT.
        var condition = expectedRevision == ANY
                ? List.<Cmp>of()
                : List.of(new Cmp(name, Cmp.Op.EQUAL, CmpTarget.modRevision(expectedRevision)));
        var written = GetOption.builder().withKeysOnly(true).build();
        var actions = List.of(
                Op.put(name, ByteSequence.from(UnsafeByteOperations.unsafeWrap(value)), PutOption.DEFAULT),
                Op.get(name, written));
        return write(key, expectedRevision, condition, actions, response -> {
            var made = response.getGetResponses().getFirst().getKvs().getFirst();
            return new Entry(key, value, made.getCreateRevision(), made.getModRevision(), made.getVersion());
        });
    }

    @Override
    public CompletableFuture<Entry> delete(String key, long expectedRevision) {
        if (expectedRevision == ABSENT) {
            return CompletableFuture.failedFuture(new RevisionConflictException(
                    key, expectedRevision, snapshot().get(key)));
        }
        var name = etcd.name(key);
        var condition = expectedRevision == ANY
                ? new Cmp(name, Cmp.Op.GREATER, CmpTarget.version(0))
                : new Cmp(name, Cmp.Op.EQUAL, CmpTarget.modRevision(expectedRevision));
        var delete = Op.delete(name, DeleteOption.builder().withPrevKV(true).build());
        return write(key, expectedRevision, List.of(condition), List.of(delete), response -> {
            var last = response.getDeleteResponses().getFirst().getPrevKvs().getFirst();
            long revision = response.getHeader().getRevision();
            return new Entry(key, last.getValue().getBytes(), last.getCreateRevision(), revision, 0);
        });
    }

    private CompletableFuture<Entry> write(
            String key, long expected, List<Cmp> conditions, List<Op> actions, Function<TxnResponse, Entry> made) {
        if (!inFlight.begin()) {
            return CompletableFuture.failedFuture(StoreException.closed());
        }
        var result = new CompletableFuture<Entry>();
        var _ = etcd.transaction(conditions, actions, Op.get(etcd.name(key), GetOption.DEFAULT))
                .thenCompose(response ->
                        response.isSucceeded() ? visible(made.apply(response)) : conflict(key, expected, response))
                .whenComplete((entry, failure) -> {
                    if (failure == null) {
                        result.complete(entry);
                    } else {
                        result.completeExceptionally(EtcdConnection.unwrapped(failure));
                    }
                    inFlight.end();
                });
        return result;
    }

    private CompletableFuture<Entry> visible(Entry written) {
        return mirror.reached(written.modRevision()).thenApply(reached -> written);
    }

    /** Waits for the mirror as well, so that who tries again does not find the same old entry. */
    private CompletableFuture<Entry> conflict(String key, long expected, TxnResponse response) {
        var found = response.getGetResponses().getFirst().getKvs();
        var current = found.isEmpty() ? null : EtcdConnection.entry(key, found.getFirst());
        long revision = current == null ? response.getHeader().getRevision() : current.modRevision();
        return mirror.reached(revision)
                .thenCompose(reached ->
                        CompletableFuture.failedFuture(new RevisionConflictException(key, expected, current)));
    }

    @Override
    public Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
        return mirror.published().watch(prefix, fromRevision, consumer);
    }

    @Override
    public void compact(long revision) {
        compact(revision, true);
    }

    private void compact(long revision, boolean freed) {
        if (inFlight.isClosed()) {
            throw StoreException.closed();
        }
        long current = latest().revision();
        if (revision > current) {
            throw new FutureRevisionException(revision, current);
        }
        if (revision > compactedRevision()) {
            etcd.compact(revision, freed);
            mirror.published().forget(revision);
        }
    }

    /** Has the members that are named defragmented. */
    @Override
    public Shrunk shrink() {
        if (inFlight.isClosed()) {
            throw StoreException.closed();
        }
        return etcd.defragment();
    }

    @Override
    public long compactedRevision() {
        return mirror.published().compacted();
    }

    /** Every server on one etcd compacts by its own clock; etcd takes the furthest. */
    private void keepHouse() {
        while (!inFlight.isClosed()) {
            try {
                Thread.sleep(HOUSEKEEPING);
                long revision = snapshot().revision();
                compact(policy.target(clock.instant(), revision, compactedRevision()), false);
            } catch (InterruptedException e) {
                return; // closed
            } catch (StoreException e) {
                log.warn("Could not compact history, will try again: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        inFlight.close();
        housekeeper.interrupt();
        mirror.close();
        etcd.close();
    }
}
