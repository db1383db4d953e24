package dev.sampan.store;

/** The revision that was asked for was not made yet. */
public final class FutureRevisionException extends StoreException {

    private final long requested;
    private final long current;

    public FutureRevisionException(long requested, long current) {
        super("revision " + requested + " lies ahead: the latest is " + current);
        this.requested = requested;
        this.current = current;
    }

    /** The revision that was asked for. */
    public long requested() {
        return requested;
    }

    /** The latest revision. */
    public long current() {
        return current;
    }
}
