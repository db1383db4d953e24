package dev.sampan.node.logs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What part of a log is wanted, and how.
 *
 * @param tailLines last lines only; negative for all
 * @param since lines at or after this time only; null for all
 * @param limitBytes stop after so many bytes; negative for no limit
 */
public record LogOptions(
        boolean follow, int tailLines, @Nullable Instant since, long limitBytes, boolean timestamps, Stream stream) {

    /** Which of the container's streams. */
    public enum Stream {
        ALL,
        STDOUT,
        STDERR
    }

    public static final LogOptions WHOLE = new LogOptions(false, -1, null, -1, false, Stream.ALL);

    public static LogOptions tail(int lines) {
        return new LogOptions(false, lines, null, -1, false, Stream.ALL);
    }
}
