package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Reservations;
import java.time.Instant;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.JsonNodeFactory;

/** Node ports. Each that is taken is a reservation in the store, which only one server can make. Holds no state of its own. */
final class NodePorts {

    private final int first;
    private final int last;
    private final RandomGenerator random;

    /** @param range first and last port, such as {@code 30000-32767} */
    NodePorts(String range, RandomGenerator random) {
        int dash = range.indexOf('-');
        this.first = Integer.parseInt(range.substring(0, dash));
        this.last = Integer.parseInt(range.substring(dash + 1));
        this.random = random;
    }

    static Reservations reservations(Objects objects) {
        return objects.reservations("servicenodeports");
    }

    String range() {
        return first + "-" + last;
    }

    boolean contains(int port) {
        return port >= first && port <= last;
    }

    void take(int port, ServiceName service, Objects objects, Instant now, boolean dryRun) throws Taken {
        if (!contains(port)) {
            throw new Taken("provided port is not in the valid range. The range of valid ports is " + range());
        }
        if (!claim(port, service, reservations(objects), now, dryRun)) {
            throw new Taken("provided port is already allocated");
        }
    }

    /** @param mine ports that this Service has already, which a dry run does not reserve */
    int takeAny(Set<Integer> mine, ServiceName service, Objects objects, Instant now, boolean dryRun) throws Taken {
        var reservations = reservations(objects);
        int size = last - first + 1;
        int offset = random.nextInt(size);
        for (int i = 0; i < size; i++) {
            int port = first + (offset + i) % size;
            if (!mine.contains(port) && claim(port, service, reservations, now, dryRun)) {
                return port;
            }
        }
        throw new Taken("failed to allocate a nodePort: range is full");
    }

    private static boolean claim(
            int port, ServiceName service, Reservations reservations, Instant now, boolean dryRun) {
        return reservations.get(String.valueOf(port)) == null && (dryRun || create(port, service, reservations, now));
    }

    static boolean create(int port, ServiceName service, Reservations reservations, Instant now) {
        var note = JsonNodeFactory.instance.objectNode();
        service.writeTo(note);
        return reservations.take(String.valueOf(port), note.put("since", now.toString()));
    }

    static void giveBack(int port, ServiceName service, Objects objects) {
        var reservations = reservations(objects);
        var held = reservations.get(String.valueOf(port));
        if (held != null && holder(held).equals(service)) {
            reservations.giveBack(held);
        }
    }

    static ServiceName holder(Reservations.Held held) {
        return ServiceName.in(held.note());
    }
}
