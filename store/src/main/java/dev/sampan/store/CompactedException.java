package dev.sampan.store;

/** The history at the revision that was asked for is gone. The API answers 410 Gone. */
public final class CompactedException extends StoreException {

    private final long requested;
    private final long compacted;

    public CompactedException(long requested, long compacted) {
        super("revision " + requested + " is gone: history was compacted up to " + compacted);
        this.requested = requested;
        this.compacted = compacted;
    }

    /** The revision that was asked for. */
    public long requested() {
        return requested;
    }

    /** The oldest revision that can be asked for. */
    public long compacted() {
        return compacted;
    }
}
