package dev.sampan.apiserver;

import java.util.List;
import java.util.Map;

/** Keeps the number of requests that are worked on at once within bounds. */
@FunctionalInterface
public interface RequestGate {

    /** Lets everything in. */
    RequestGate OPEN = (user, attributes, request) -> Pass.FREE;

    /**
     * Lets a request in, perhaps after a wait.
     *
     * @throws ApiException 429 when it cannot
     */
    Pass enter(UserInfo user, Attributes attributes, ApiRequest request);

    /** What there is to tell of its work. */
    default void writeMetrics(MetricsText out) {}

    /** A request that is in. */
    interface Pass {

        /** Of a request that takes no place. */
        Pass FREE = () -> {};

        /** The request is answered, or its stream has begun. */
        void leave();

        /** Headers for the answer. */
        default Map<String, List<String>> headers() {
            return Map.of();
        }
    }
}
