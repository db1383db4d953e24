package dev.sampan.network.gateway;

import dev.sampan.network.ingress.BackendRef;
import java.net.InetSocketAddress;
import java.util.List;

/** Finds the endpoints of a service port. Called for every request, by any thread. */
@FunctionalInterface
public interface Backends {

    Resolution resolve(BackendRef backend);

    /** What a reference leads to. */
    sealed interface Resolution {

        /** Endpoints that may get requests; never empty. */
        record Endpoints(List<InetSocketAddress> addresses) implements Resolution {}

        /** Nothing to send a request to, and why, for the client to read. */
        record None(String reason) implements Resolution {}
    }
}
