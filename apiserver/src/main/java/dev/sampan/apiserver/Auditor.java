package dev.sampan.apiserver;

import org.jspecify.annotations.Nullable;

/** Writes down who asks for what, and what becomes of it. */
@FunctionalInterface
public interface Auditor {

    /** Writes nothing. */
    Auditor NONE = (request, attributes, user, impersonator) -> null;

    /**
     * A request is authenticated and will be answered.
     *
     * @param impersonator who really asks when {@code user} is impersonated, else null
     * @return what follows the request; null when it is not written down
     */
    @Nullable
    Trail begin(ApiRequest request, Attributes attributes, UserInfo user, @Nullable UserInfo impersonator);

    /** One request. Owned by its thread. */
    interface Trail {

        /** Notes something, such as why the request was allowed. */
        void annotate(String key, String value);

        /** The answer is known; what is returned goes to the client: a stream is followed to its end. */
        ApiResponse end(ApiResponse response);
    }
}
