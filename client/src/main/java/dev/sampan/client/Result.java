package dev.sampan.client;

import java.time.Duration;

/** What a reconcile says about its key. A failure is an exception, not a result. */
public sealed interface Result {

    /** The world is as wanted, or a later change will tell: the key's failures are forgotten. */
    record Done() implements Result {}

    /** Look again after the delay, whatever happens; the key's failures are forgotten. */
    record Again(Duration after) implements Result {}

    /** Try again soon, each time later: 5 ms, 10 ms … 1000 s. */
    record Retry(String reason) implements Result {}

    static Result done() {
        return new Done();
    }

    static Result again(Duration after) {
        return new Again(after);
    }

    static Result retry(String reason) {
        return new Retry(reason);
    }
}
