package dev.sampan.store;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, each store with an etcd of its own: revisions begin at 1. */
final class EtcdStoreTest extends StoreContract {

    @TempDir
    private Path temporary;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void etcdIsInstalled() {
        assumeThat(EtcdServer.isInstalled())
                .as("Debian's etcd-server is needed")
                .isTrue();
    }

    @Override
    Store open(Retention retention) {
        try {
            var server = EtcdServer.start(Files.createDirectory(temporary.resolve("etcd" + opened.size())));
            opened.add(server);
            var options = new EtcdStore.Options(List.of(server.uri()), "", null, retention, InstantSource.system());
            var store = EtcdStore.open(options);
            opened.addFirst(store);
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stopServers() throws Exception {
        for (var each : opened) {
            each.close();
        }
    }
}
