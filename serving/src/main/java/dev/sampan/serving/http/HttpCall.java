package dev.sampan.serving.http;

import dev.sampan.serving.tensor.BufferScope;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A request that has been read.
 *
 * @param headers finds a header by its name; null if there is none
 * @param body holds the body in its first {@code length} bytes, until the call returns
 */
public record HttpCall(
        String method,
        String path,
        @Nullable String query,
        UnaryOperator<@Nullable String> headers,
        byte[] body,
        int length) {
    private static final String URGENCY = "u=";

    public @Nullable String header(String name) {
        return headers.apply(name);
    }

    /** Whether the client wants to know where the time goes: header {@code Explain} or parameter {@code explain}. */
    public boolean explain() {
        return header("Explain") != null || query != null && query.contains("explain");
    }

    /** The urgency of the header {@code Priority} (RFC 9218: {@code u=0} to {@code u=7}), as a priority from 1 to 8. */
    public int priority() {
        var header = header("Priority");
        int at = header == null ? -1 : header.indexOf(URGENCY);
        if (header == null || at < 0 || at + URGENCY.length() >= header.length()) {
            return BufferScope.USUAL_PRIORITY;
        }
        int urgency = Character.digit(header.charAt(at + URGENCY.length()), 10);
        return urgency < 0 ? BufferScope.USUAL_PRIORITY : Math.min(BufferScope.PRIORITIES, urgency + 1);
    }
}
