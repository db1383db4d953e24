package dev.sampan.serving.servable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which models may be in memory: claims are granted in the order they were made, each as soon as it fits; for the first that
 * does not fit, the versions that were used longest ago have to leave. Owned by the manager, under its lock.
 */
final class MemoryBudget {
    private final long limitBytes;
    private final Deque<Claim> waiting = new ArrayDeque<>();
    private final Set<Claim> granted = new LinkedHashSet<>();

    /** A version's claim to memory. */
    static final class Claim {
        final Version owner;
        private final Runnable start;
        private long bytes;
        private boolean leaving;

        private Claim(Version owner, long bytes, Runnable start) {
            this.owner = owner;
            this.bytes = bytes;
            this.start = start;
        }
    }

    /** @param limitBytes 0 for no limit */
    MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes == 0 ? Long.MAX_VALUE : limitBytes;
    }

    long limitBytes() {
        return limitBytes;
    }

    /** Bytes of all claims that have been granted and not released. */
    long heldBytes() {
        return granted.stream().mapToLong(claim -> claim.bytes).sum();
    }

    /**
     * Makes a claim, which {@link #settle} will grant.
     *
     * @param start is run when it is granted
     */
    Claim claim(Version owner, long bytes, Runnable start) {
        var claim = new Claim(owner, bytes, start);
        waiting.add(claim);
        return claim;
    }

    /** The model turned out to have this size. */
    void measured(Claim claim, long bytes) {
        claim.bytes = bytes;
    }

    /** The owner is about to leave memory: its bytes will be free in a while. */
    void leaving(Claim claim) {
        claim.leaving = true;
    }

    /** The claim is given up; its bytes are free. */
    void release(Claim claim) {
        waiting.remove(claim);
        granted.remove(claim);
    }

    /** Grants what fits; returns the versions that have to leave so that the next claim will. */
    List<Version> settle() {
        while (!waiting.isEmpty()) {
            var next = waiting.getFirst();
            long missing = next.bytes - (limitBytes - heldBytes());
            if (missing > 0) {
                return leavers(missing, 0);
            }
            waiting.removeFirst();
            granted.add(next);
            next.start.run();
        }
        // Models may have turned out larger than their files told; the one used last stays in any case.
        return leavers(heldBytes() - limitBytes, 1);
    }

    private List<Version> leavers(long missing, int staying) {
        var residents = granted.stream()
                .filter(claim -> !claim.leaving && claim.owner.servable != null)
                .sorted(Comparator.comparingLong(claim -> lastUsed(claim.owner)))
                .toList();
        long free = granted.stream()
                .filter(claim -> claim.leaving)
                .mapToLong(claim -> claim.bytes)
                .sum();
        var leavers = new ArrayList<Version>();
        for (var claim : residents.subList(0, Math.max(0, residents.size() - staying))) {
            if (free >= missing) {
                break;
            }
            free += claim.bytes;
            leavers.add(claim.owner);
        }
        return leavers;
    }

    private static long lastUsed(Version version) {
        var servable = version.servable;
        return servable == null ? 0 : servable.lastUsedMillis();
    }
}
