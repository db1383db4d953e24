package dev.sampan.network.proxy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address that a Service wants listened on.
 *
 * @param port the service port's name or number, for messages
 * @param targets where connections go, never empty
 * @param affinity how long a client stays with its target; null for no affinity
 */
public record Frontend(
        InetSocketAddress address,
        String port,
        List<InetSocketAddress> targets,
        @Nullable Duration affinity) {}
