package dev.sampan.network.relay;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes endpoints in turn; with affinity, sends a client where it was sent before while that endpoint is there and the
 * client was seen within the timeout. The endpoints are replaced as a whole.
 */
public final class EndpointBalancer implements Balancer {

    private static final int REMEMBERED_CLIENTS = 50_000;

    /** @param affinity null for none */
    private record Targets(
            List<InetSocketAddress> endpoints, @Nullable Duration affinity) {}

    private record Seen(InetSocketAddress endpoint, Instant at) {}

    private final InstantSource clock;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Targets targets = new Targets(List.of(), null);

    /** Guarded by itself; the client seen longest ago comes first. */
    private final Map<InetAddress, Seen> clients = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Seen> eldest) {
            return size() > REMEMBERED_CLIENTS;
        }
    };

    public EndpointBalancer(InstantSource clock) {
        this.clock = clock;
    }

    /** @param affinity how long a client stays with its endpoint after it was last seen; null for no affinity */
    public void update(List<InetSocketAddress> endpoints, @Nullable Duration affinity) {
        targets = new Targets(List.copyOf(endpoints), affinity);
    }

    @Override
    public @Nullable InetSocketAddress choose(InetAddress client, Set<InetSocketAddress> failed) {
        Targets now = targets;
        return now.affinity == null ? inTurn(now, failed) : sticky(now, now.affinity, client, failed);
    }

    private @Nullable InetSocketAddress inTurn(Targets now, Set<InetSocketAddress> failed) {
        int size = now.endpoints.size();
        int start = turn.getAndIncrement();
        for (int i = 0; i < size; i++) {
            InetSocketAddress candidate = now.endpoints.get(Math.floorMod(start + i, size));
            if (!failed.contains(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private @Nullable InetSocketAddress sticky(
            Targets now, Duration affinity, InetAddress client, Set<InetSocketAddress> failed) {
        Instant time = clock.instant();
        synchronized (clients) {
            Seen seen = clients.get(client);
            InetSocketAddress before = seen != null && time.isBefore(seen.at.plus(affinity)) ? seen.endpoint : null;
            boolean stays = before != null && now.endpoints.contains(before) && !failed.contains(before);
            InetSocketAddress endpoint = stays ? before : inTurn(now, failed);
            if (endpoint != null) {
                clients.put(client, new Seen(endpoint, time));
            }
            return endpoint;
        }
    }
}
