package dev.sampan.store;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.OptionsUtil;
import io.etcd.jetcd.options.WatchOption;
import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the store asks of etcd, with names, time limits and errors as the store has them. Any thread. */
final class EtcdConnection implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration DEFRAGMENTATION = Duration.ofMinutes(5);
    private static final ByteSequence ZERO = ByteSequence.from(new byte[] {0});
    private static final int PAGE = 500;

    private final List<URI> endpoints;
    private final String prefix;
    private final Client client;

    EtcdConnection(List<URI> endpoints, String prefix, EtcdStore.@Nullable Tls tls) {
        this.endpoints = List.copyOf(endpoints);
        this.prefix = prefix;
        try {
            var builder = Client.builder()
                    .endpoints(endpoints)
                    .maxInboundMessageSize(Integer.MAX_VALUE)
                    .connectTimeout(LIMIT)
                    .retryMaxDuration(LIMIT)
                    .keepaliveTime(Duration.ofSeconds(30))
                    .keepaliveTimeout(LIMIT)
                    .waitForReady(false);
            if (endpoints.stream().anyMatch(uri -> "https".equals(uri.getScheme()))) {
                builder.sslContext(ssl -> {
                    if (tls != null && tls.authority() != null) {
                        ssl.trustManager(file(tls.authority()));
                    }
                    if (tls != null && tls.certificate() != null && tls.key() != null) {
                        ssl.keyManager(file(tls.certificate()), file(tls.key()));
                    }
                });
            }
            this.client = builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new StoreException("the TLS files for etcd cannot be used: " + e.getMessage(), e);
        }
    }

    private static File file(Path path) {
        return path.toFile();
    }

    /** The name in etcd of a key. */
    ByteSequence name(String key) {
        return ByteSequence.from(prefix + key, StandardCharsets.UTF_8);
    }

    /** The key of a name in etcd; null when it is none of ours. */
    @Nullable
    String key(ByteSequence name) {
        var text = name.toString(StandardCharsets.UTF_8);
        return text.startsWith(prefix) ? text.substring(prefix.length()) : null;
    }

    static Entry entry(String key, KeyValue kv) {
        return new Entry(key, kv.getValue().getBytes(), kv.getCreateRevision(), kv.getModRevision(), kv.getVersion());
    }

    /** The revision that etcd is at, as its leader knows it. */
    CompletableFuture<Long> revision() {
        return limited(client.getKVClient()
                .get(ZERO, GetOption.builder().withCountOnly(true).build())
                .thenApply(response -> response.getHeader().getRevision()));
    }

    /**
     * One page of our keys.
     *
     * @param after the last key of the page before; null for the first page
     * @param revision to read at; 0 for the latest, which the answer names
     */
    GetResponse page(@Nullable ByteSequence after, long revision) {
        var first = after == null ? prefix.isEmpty() ? ZERO : name("") : after.concat(ZERO);
        var option = GetOption.builder()
                .withRange(prefix.isEmpty() ? ZERO : OptionsUtil.prefixEndOf(name("")))
                .withRevision(revision)
                .withLimit(PAGE)
                .build();
        return await(limited(client.getKVClient().get(first, option)));
    }

    /** Does {@code actions} when all conditions hold, and {@code otherwise} when not. */
    CompletableFuture<TxnResponse> transaction(List<Cmp> conditions, List<Op> actions, Op otherwise) {
        return limited(client.getKVClient()
                .txn()
                .If(conditions.toArray(Cmp[]::new))
                .Then(actions.toArray(Op[]::new))
                .Else(otherwise)
                .commit());
    }

    /** Passes over what is compacted already. @param freed whether to wait until etcd has freed what it forgot */
    void compact(long revision, boolean freed) {
        var option = CompactOption.builder().withCompactPhysical(freed).build();
        try {
            await(limited(client.getKVClient().compact(revision, option), freed ? DEFRAGMENTATION : LIMIT));
        } catch (StoreException e) {
            if (!isCompacted(e)) {
                throw e;
            }
        }
    }

    /** Frees what was compacted, one member after the other; each answers nobody meanwhile. Those that are not named are left as they are. */
    Store.Shrunk defragment() {
        var maintenance = client.getMaintenanceClient();
        long before = 0;
        long after = 0;
        for (var endpoint : endpoints) {
            var member = endpoint.toString();
            before += await(limited(maintenance.statusMember(member))).getDbSize();
            await(limited(maintenance.defragmentMember(member), DEFRAGMENTATION));
            after += await(limited(maintenance.statusMember(member))).getDbSize();
        }
        return new Store.Shrunk(before, after);
    }

    static boolean isCompacted(Throwable failure) {
        return String.valueOf(failure.getMessage()).contains("has been compacted");
    }

    /**
     * Watches all of etcd and not our keys alone: then every revision is seen, and what has been seen is known exactly. (etcd's progress
     * notifications cannot be trusted for that before 3.4.31 and 3.5.13.)
     */
    Watch.Watcher watch(long firstRevision, boolean previous, Watch.Listener listener) {
        var option = WatchOption.builder()
                .withRange(ZERO)
                .withRevision(firstRevision)
                .withPrevKV(previous)
                .withCreateNotify(true)
                .build();
        return client.getWatchClient().watch(ZERO, option, listener);
    }

    private <T> CompletableFuture<T> limited(CompletableFuture<T> answer) {
        return limited(answer, LIMIT);
    }

    private <T> CompletableFuture<T> limited(CompletableFuture<T> answer, Duration limit) {
        return answer.copy()
                .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explained(failure, limit)));
    }

    StoreException explained(Throwable failure) {
        return explained(failure, LIMIT);
    }

    private StoreException explained(Throwable failure, Duration limit) {
        var cause = unwrapped(failure);
        return cause instanceof StoreException known
                ? known
                : new StoreException(
                        "etcd at " + endpoints + " "
                                + (cause instanceof TimeoutException
                                        ? "did not answer within " + limit.toSeconds() + " s"
                                        : "failed: " + root(cause)),
                        cause);
    }

    /** gRPC says little itself; what it was comes last. */
    private static String root(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure
                ? String.valueOf(failure.getMessage())
                : failure.getMessage() + " (" + root.getMessage() + ")";
    }

    static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? unwrapped(failure.getCause())
                : failure;
    }

    /** Waits for an answer, which is limited in time already. */
    static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (unwrapped(e) instanceof StoreException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
