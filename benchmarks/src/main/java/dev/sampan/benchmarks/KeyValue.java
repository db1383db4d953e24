package dev.sampan.benchmarks;

import dev.sampan.store.SqliteStore;
import dev.sampan.store.Store;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.WatchOption;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What is measured: the store, and etcd beside it. */
interface KeyValue extends AutoCloseable {

    /** Returns when the write is acknowledged as durable. */
    void put(String key, byte[] value) throws Exception;

    /** Calls back once for each write under the prefix from now on. */
    void watch(String prefix, Runnable onEvent) throws Exception;

    @Override
    void close();

    /** Our embedded store. */
    record Sqlite(Store store) implements KeyValue {

        static Sqlite in(Path directory) {
            return new Sqlite(SqliteStore.open(directory, SqliteStore.Options.defaults()));
        }

        @Override
        public void put(String key, byte[] value) {
            Store.await(store.put(key, value, Store.ANY));
        }

        @Override
        public void watch(String prefix, Runnable onEvent) {
            store.watch(prefix, store.snapshot().revision(), events -> events.forEach(event -> onEvent.run()));
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** An etcd server over gRPC, as an API server would use it. */
    record OverGrpc(Client client) implements KeyValue {

        static OverGrpc to(Etcd etcd) {
            return new OverGrpc(Client.builder().endpoints(etcd.uri()).build());
        }

        private static ByteSequence bytes(String key) {
            return ByteSequence.from(key, StandardCharsets.UTF_8);
        }

        @Override
        public void put(String key, byte[] value) throws Exception {
            client.getKVClient().put(bytes(key), ByteSequence.from(value)).get();
        }

        @Override
        public void watch(String prefix, Runnable onEvent) {
            client.getWatchClient()
                    .watch(
                            bytes(prefix),
                            WatchOption.builder().isPrefix(true).build(),
                            response -> response.getEvents().forEach(event -> onEvent.run()));
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
