package dev.sampan.network.gateway;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A backend could not be reached or did not answer as HTTP wants it. */
final class BackendFailure extends IOException {

    /** How far the exchange had come. */
    enum Stage {
        /** No connection: the backend knows nothing of the request. */
        CONNECT,
        /** The request was sent, at least in part, and no complete head of an answer came. */
        BEFORE_ANSWER,
        /** No answer within the time allowed. */
        TIMEOUT,
        /** The answer had begun. */
        WITHIN_ANSWER
    }

    private static final long serialVersionUID = 1;

    private final Stage stage;

    BackendFailure(Stage stage, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.stage = stage;
    }

    Stage stage() {
        return stage;
    }
}
