package dev.sampan.network.relay;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chooses a backend for each new connection. Called by event loops: must not block; safe for several threads. */
public interface Balancer {

    /**
     * @param client who connects
     * @param failed backends that refused this connection already
     * @return null when there is none left
     */
    @Nullable
    InetSocketAddress choose(InetAddress client, Set<InetSocketAddress> failed);
}
