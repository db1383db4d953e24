package dev.sampan.store;

import java.time.Duration;

/**
 * How much history a store keeps by itself.
 *
 * @param age history younger than this is kept, {@code maxRevisions} permitting
 * @param maxRevisions never more than about this many revisions are kept, whatever their age
 * @param memoryRevisions how many of the latest revisions are answered from memory
 * @param memoryBytes at most about this many bytes of superseded values are held in memory
 */
public record Retention(Duration age, long maxRevisions, int memoryRevisions, long memoryBytes) {

    /** Five minutes as Kubernetes' API server keeps in etcd, at most 100,000 revisions, 10,000 of them or 32 MB in memory. */
    public static final Retention DEFAULT = new Retention(Duration.ofMinutes(5), 100_000, 10_000, 32 << 20);

    public Retention {
        if (age.isNegative() || maxRevisions < 1 || memoryRevisions < 1 || memoryBytes < 0) {
            throw new IllegalArgumentException("nothing to keep: " + maxRevisions + " revisions, " + age
                    + ", in memory " + memoryRevisions + " revisions, " + memoryBytes + " bytes");
        }
    }
}
