package dev.sampan.app.cluster;

import dev.sampan.store.EtcdStore;
import dev.sampan.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store in an etcd that may start at the same time as this server: tries again for a while, and says so once. */
final class AwaitedEtcd {

    private static final Logger LOG = LoggerFactory.getLogger(AwaitedEtcd.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private AwaitedEtcd() {}

    /** @throws StoreException when etcd is not there in time */
    static EtcdStore open(EtcdStore.Options etcd, Home home) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                try {
                    return EtcdStore.open(etcd);
                } catch (StoreException e) {
                    if (System.nanoTime() > deadline) {
                        throw new StoreException(
                                "%s. It was tried for %d s: start etcd, or name its address with --etcd-servers."
                                        .formatted(e.getMessage(), PATIENCE.toSeconds()),
                                e);
                    }
                    tell(home, String.valueOf(e.getMessage()));
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for etcd");
        } finally {
            Files.deleteIfExists(home.waiting());
        }
    }

    private static void tell(Home home, String failure) throws IOException {
        if (!Files.exists(home.waiting())) {
            var told = "%s. Trying again for %d s.".formatted(failure, PATIENCE.toSeconds());
            LOG.warn(told);
            Files.writeString(home.waiting(), told);
        }
    }
}
