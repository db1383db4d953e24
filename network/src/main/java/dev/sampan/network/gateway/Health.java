package dev.sampan.network.gateway;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Orders endpoints for a request: in turn, those that refused a moment ago last. Passive only: the cluster's probes decide
 * what is ready, this bridges the moments until they notice.
 */
final class Health {

    private static final long AVOID_NANOS = Duration.ofSeconds(5).toNanos();

    private final LongSupplier nanoTime;
    private final Map<InetSocketAddress, Long> failedAt = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    Health(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    List<InetSocketAddress> order(List<InetSocketAddress> endpoints) {
        int size = endpoints.size();
        if (size == 1) {
            return endpoints;
        }
        int start = turn.getAndIncrement();
        List<InetSocketAddress> good = new ArrayList<>(size);
        List<InetSocketAddress> doubtful = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            InetSocketAddress endpoint = endpoints.get(Math.floorMod(start + i, size));
            (avoided(endpoint) ? doubtful : good).add(endpoint);
        }
        good.addAll(doubtful);
        return good;
    }

    private boolean avoided(InetSocketAddress endpoint) {
        Long at = failedAt.get(endpoint);
        if (at == null) {
            return false;
        }
        if (nanoTime.getAsLong() - at > AVOID_NANOS) {
            failedAt.remove(endpoint, at);
            return false;
        }
        return true;
    }

    void failed(InetSocketAddress endpoint) {
        failedAt.put(endpoint, nanoTime.getAsLong());
    }

    void succeeded(InetSocketAddress endpoint) {
        if (!failedAt.isEmpty()) {
            failedAt.remove(endpoint);
        }
    }
}
