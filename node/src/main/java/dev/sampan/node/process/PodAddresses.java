package dev.sampan.node.process;

import java.util.HashSet;
import java.util.Set;

/** Allots pods addresses of a loopback network, such as 127.10.0.1 to 127.10.255.254, the longest unused one next. Any thread. */
final class PodAddresses {

    private static final int FIRST = 1;
    private static final int LAST = 0xfffe;

    private final String prefix;
    private final Set<String> used = new HashSet<>();
    private int next = FIRST;

    /** @param prefix the network's first two numbers, such as {@code 127.10} */
    PodAddresses(String prefix) {
        this.prefix = prefix;
    }

    synchronized String allot() {
        for (int tried = FIRST; tried <= LAST; tried++) {
            int number = next;
            next = next == LAST ? FIRST : next + 1;
            var address = prefix + "." + (number >> 8) + "." + (number & 0xff);
            if ((number & 0xff) != 0 && (number & 0xff) != 0xff && used.add(address)) {
                return address;
            }
        }
        throw new IllegalStateException("no pod address is free in " + prefix + ".0.0/16");
    }

    /** Takes an address that a pod of an earlier agent has. */
    synchronized void take(String address) {
        used.add(address);
        var parts = address.split("\\.");
        int number = Integer.parseInt(parts[2]) << 8 | Integer.parseInt(parts[3]);
        if (number >= next) {
            next = number >= LAST ? FIRST : number + 1;
        }
    }

    synchronized void release(String address) {
        used.remove(address);
    }
}
