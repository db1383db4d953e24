package dev.sampan.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What the whole host uses, from Linux' {@code /proc}; empty where there is none. */
record HostUsage(Path proc) {

    /** Unit of {@code /proc/stat}: the kernel counts in hundredths of a second for all its users. */
    private static final long TICK_NANOS = 10_000_000;

    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    /** Processor time that all processors together have been busy since the host started. */
    OptionalLong cpuNanos() {
        for (var line : lines("stat")) {
            if (line.startsWith("cpu ")) {
                var fields = line.split(" +");
                long busy = 0;
                for (int i = 1; i < fields.length && i <= STEAL; i++) { // guests' time is counted in user's
                    busy += i == IDLE || i == IO_WAIT ? 0 : Long.parseLong(fields[i]);
                }
                return OptionalLong.of(busy * TICK_NANOS);
            }
        }
        return OptionalLong.empty();
    }

    /** Memory that is not available for new processes. */
    OptionalLong memoryBytes() {
        long total = -1;
        long available = -1;
        for (var line : lines("meminfo")) {
            if (line.startsWith("MemTotal:")) {
                total = kibibytes(line);
            } else if (line.startsWith("MemAvailable:")) {
                available = kibibytes(line);
            }
        }
        return total < 0 || available < 0 ? OptionalLong.empty() : OptionalLong.of((total - available) * 1024);
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(proc.resolve(file));
        } catch (IOException e) {
            return List.of();
        }
    }
}
