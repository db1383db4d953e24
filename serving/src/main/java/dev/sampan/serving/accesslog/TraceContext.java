package dev.sampan.serving.accesslog;

import java.util.HexFormat;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request's place in a distributed trace (W3C Trace Context): the trace it belongs to and its own span in it.
 *
 * @param traceId 32 hexadecimal digits
 * @param parentId the caller's span, 16 hexadecimal digits; empty if the trace begins here
 * @param spanId this server's span, 16 hexadecimal digits
 * @param flags two hexadecimal digits; 01 if the caller records the trace
 */
public record TraceContext(String traceId, String parentId, String spanId, String flags) {
    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?");
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_SPAN = "0".repeat(16);

    /**
     * A span within the caller's trace, or the first one of a new trace.
     *
     * @param traceparent the header of that name, or null; a malformed one counts as none
     */
    public static TraceContext of(@Nullable String traceparent, LongSupplier random) {
        var hex = HexFormat.of();
        var span = hex.toHexDigits(random.getAsLong() | 1);
        var match = traceparent == null ? null : TRACEPARENT.matcher(traceparent);
        if (match != null
                && match.matches()
                && !match.group(1).equals(NO_TRACE)
                && !match.group(2).equals(NO_SPAN)) {
            return new TraceContext(match.group(1), match.group(2), span, match.group(3));
        }
        var trace = hex.toHexDigits(random.getAsLong()) + hex.toHexDigits(random.getAsLong() | 1);
        return new TraceContext(trace, "", span, "00");
    }

    /** What the caller is told: the span that answered. */
    public String traceresponse() {
        return "00-" + traceId + "-" + spanId + "-" + flags;
    }
}
