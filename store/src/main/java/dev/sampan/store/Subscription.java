package dev.sampan.store;

/** A running watch. */
public interface Subscription extends AutoCloseable {

    /** Ends the watch. A delivery that is under way may still finish after this returned; none begins. */
    @Override
    void close();
}
