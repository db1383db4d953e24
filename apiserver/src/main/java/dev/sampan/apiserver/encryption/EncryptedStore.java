package dev.sampan.apiserver.encryption;

import dev.sampan.store.Entry;
import dev.sampan.store.Event;
import dev.sampan.store.RevisionConflictException;
import dev.sampan.store.Snapshot;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import dev.sampan.store.Subscription;
import java.security.GeneralSecurityException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A store whose sensitive values are sealed, on disk and in memory. */
public final class EncryptedStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(EncryptedStore.class);

    private final Store store;
    private final EncryptionConfiguration configuration;

    public EncryptedStore(Store store, EncryptionConfiguration configuration) {
        this.store = store;
        this.configuration = configuration;
    }

    /**
     * Writes again what is not sealed with the first provider of its resource: after a new key was put first, the old one may
     * be taken out of the configuration once this has been done.
     *
     * @return how many values were written
     */
    public int rewriteStale() {
        int written = 0;
        for (var entry : store.snapshot().range("", null)) {
            var providers = configuration.providers(entry.key());
            if (!providers.isEmpty() && !providers.getFirst().sealed(entry.value())) {
                try {
                    Store.await(put(entry.key(), open(entry).value(), entry.modRevision()));
                    written++;
                } catch (RevisionConflictException e) {
                    LOG.debug("{} was written by somebody else, with the present key", entry.key());
                }
            }
        }
        return written;
    }

    /**
     * For a server that has no keys.
     *
     * @throws StoreException if it needs some
     */
    public static void requireUnsealed(Store store) {
        for (var entry : store.snapshot().range("", null)) {
            if (new Provider.Identity().sealed(entry.value())) {
                continue;
            }
            throw keyIsMissing(entry.key(), "and there is no --encryption-provider-config");
        }
    }

    private static StoreException keyIsMissing(String key, String why) {
        return new StoreException(
                key + " is encrypted, " + why + ": name the configuration with the key that it was written with");
    }

    private byte[] seal(String key, byte[] value) {
        var providers = configuration.providers(key);
        return providers.isEmpty() ? value : providers.getFirst().seal(key, value);
    }

    private Entry open(Entry entry) {
        for (var provider : configuration.providers(entry.key())) {
            if (provider.sealed(entry.value())) {
                return open(entry, provider);
            }
        }
        if (configuration.providers(entry.key()).isEmpty()) {
            return entry;
        }
        throw keyIsMissing(entry.key(), "with a key that the file of --encryption-provider-config does not hold");
    }

    private static Entry open(Entry entry, Provider provider) {
        try {
            var value = provider.open(entry.key(), entry.value());
            return value == entry.value()
                    ? entry
                    : new Entry(entry.key(), value, entry.createRevision(), entry.modRevision(), entry.version());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(entry.key() + " cannot be decrypted: " + e.getMessage(), e);
        }
    }

    private Event open(Event event) {
        var previous = event.previous();
        return new Event(event.type(), open(event.entry()), previous == null ? null : open(previous));
    }

    @Override
    public Snapshot snapshot() {
        return new Opened(store.snapshot());
    }

    @Override
    public Snapshot latest() {
        return new Opened(store.latest());
    }

    @Override
    public Snapshot snapshot(long revision) {
        return new Opened(store.snapshot(revision));
    }

    @Override
    public CompletableFuture<Entry> put(String key, byte[] value, long expectedRevision) {
        var sealed = seal(key, value);
        return store.put(key, sealed, expectedRevision).thenApply(this::open);
    }

    @Override
    public CompletableFuture<Entry> delete(String key, long expectedRevision) {
        return store.delete(key, expectedRevision).thenApply(this::open);
    }

    @Override
    public Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
        return store.watch(prefix, fromRevision, events -> {
            boolean plain = events.stream()
                    .allMatch(e -> configuration.providers(e.entry().key()).isEmpty());
            consumer.accept(plain ? events : events.stream().map(this::open).toList());
        });
    }

    @Override
    public void compact(long revision) {
        store.compact(revision);
    }

    @Override
    public Shrunk shrink() {
        return store.shrink();
    }

    @Override
    public long compactedRevision() {
        return store.compactedRevision();
    }

    @Override
    public void close() {
        store.close();
    }

    /** A snapshot whose values are opened as they are read. */
    private final class Opened implements Snapshot {
        private final Snapshot snapshot;

        Opened(Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public long revision() {
            return snapshot.revision();
        }

        @Override
        public @Nullable Entry get(String key) {
            var entry = snapshot.get(key);
            return entry == null ? null : open(entry);
        }

        @Override
        public Iterable<Entry> range(String prefix, @Nullable String startKeyInclusive) {
            return () -> {
                Iterator<Entry> entries =
                        snapshot.range(prefix, startKeyInclusive).iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return entries.hasNext();
                    }

                    @Override
                    public Entry next() {
                        return open(entries.next());
                    }
                };
            };
        }

        @Override
        public long count(String prefix) {
            return snapshot.count(prefix);
        }
    }
}
