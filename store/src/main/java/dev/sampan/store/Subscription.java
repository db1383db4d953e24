package dev.sampan.store;

/** A running watch. */
public interface Subscription extends AutoCloseable {

    /**
     * The revision up to which the consumer was given every event of its prefix, however long ago the last one was; never
     * decreases.
     */
    long progress();

    /** Ends the watch. A delivery that is under way may still finish after this returned; none begins. */
    @Override
    void close();
}
