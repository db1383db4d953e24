package dev.sampan.store;

import java.util.List;

/** Where events are found that are no longer in memory. Any thread. */
interface History {

    /**
     * The events with {@code after < revision <= upTo}, in order.
     *
     * @throws CompactedException if some of them are gone
     */
    List<Event> history(long after, long upTo);
}
