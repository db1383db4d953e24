package dev.sampan.network.proxy;

import dev.sampan.network.relay.EndpointBalancer;
import dev.sampan.network.relay.Relay;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The listeners that are open, by Service. {@link #apply} makes them what a Service wants now: it can be called any number
 * of times with any plan. Connections that are open stay with the endpoint that they have.
 */
public final class Frontends {

    private record Open(Relay.Listener listener, EndpointBalancer balancer) {}

    /** A frontend that could not be opened. */
    public record Refused(Frontend frontend, String reason) {}

    private final Relay relay;
    private final InstantSource clock;
    private final Map<String, Map<InetSocketAddress, Open>> byService = new HashMap<>();

    public Frontends(Relay relay, InstantSource clock) {
        this.relay = relay;
        this.clock = clock;
    }

    /** @return what could not be opened; it is tried again by the next call */
    public synchronized List<Refused> apply(String service, List<Frontend> wanted) {
        Map<InetSocketAddress, Open> open = byService.computeIfAbsent(service, s -> new HashMap<>());
        Set<InetSocketAddress> addresses = new HashSet<>();
        wanted.forEach(frontend -> addresses.add(frontend.address()));
        open.entrySet().removeIf(entry -> {
            boolean gone = !addresses.contains(entry.getKey());
            if (gone) {
                entry.getValue().listener.close();
            }
            return gone;
        });
        List<Refused> refused = new ArrayList<>();
        for (Frontend frontend : wanted) {
            Open existing = open.get(frontend.address());
            if (existing != null) {
                existing.balancer.update(frontend.targets(), frontend.affinity());
            } else {
                open(frontend, open, refused);
            }
        }
        if (open.isEmpty()) {
            byService.remove(service);
        }
        return refused;
    }

    private void open(Frontend frontend, Map<InetSocketAddress, Open> open, List<Refused> refused) {
        var balancer = new EndpointBalancer(clock);
        balancer.update(frontend.targets(), frontend.affinity());
        try {
            open.put(frontend.address(), new Open(relay.listen(frontend.address(), balancer), balancer));
        } catch (IOException e) {
            refused.add(new Refused(frontend, explain(frontend.address(), e)));
        }
    }

    /** What went wrong and what to do about it. */
    static String explain(InetSocketAddress address, IOException failure) {
        String where = address.getHostString() + ":" + address.getPort();
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof SocketException && message.contains("Permission denied")) {
            return ("cannot listen on %s: ports below 1024 need a privilege. Allow them with "
                            + "'sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%d' and the port opens within a minute, "
                            + "or give the Service a port of 1024 or more")
                    .formatted(where, address.getPort());
        }
        if (failure instanceof BindException && message.contains("Cannot assign requested address")) {
            return "cannot listen on %s: this machine does not have the address; on macOS add it with 'sudo ifconfig lo0 alias %s'"
                    .formatted(where, address.getHostString());
        }
        if (failure instanceof BindException) {
            return "cannot listen on %s: another program has the port; find it with 'ss -ltnp sport = :%d'"
                    .formatted(where, address.getPort());
        }
        return "cannot listen on %s: %s".formatted(where, message);
    }

    /** Where the Service is listened on now. */
    public synchronized Set<InetSocketAddress> addresses(String service) {
        return Set.copyOf(byService.getOrDefault(service, Map.of()).keySet());
    }
}
