package dev.sampan.serving.client;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Tells people where the time of a request went. */
final class Explanation {
    private static final Pattern PART = Pattern.compile("(\\w+);(?:dur=([0-9.]+)|desc=\"([^\"]*)\")");
    private static final int WIDTH = 40;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Map<String, String> NAMES = Map.of(
            "read", "reading the request",
            "queue", "waiting for its batch",
            "input", "joining the batch",
            "infer", "inference",
            "output", "splitting the batch",
            "write", "writing the answer");

    private Explanation() {}

    /** A line of an explanation. */
    record Line(String name, double millis) {}

    /**
     * Prints milliseconds, and bars for them.
     *
     * @param serverTiming header of that name
     * @param nanos from sending the request to having the answer
     */
    static void print(String serverTiming, long nanos, PrintStream out) {
        double whole = nanos / NANOS_PER_MILLI;
        var lines = new java.util.ArrayList<Line>();
        double inside = 0;
        var batch = "";
        var parts = PART.matcher(serverTiming);
        while (parts.find()) {
            if (parts.group(2) == null) {
                batch = " in a batch of " + parts.group(3);
                continue;
            }
            double millis = Double.parseDouble(parts.group(2));
            inside += millis;
            lines.add(new Line(NAMES.getOrDefault(parts.group(1), parts.group(1)), millis));
        }
        if (lines.isEmpty()) {
            out.println("the server does not tell where the time went; it took "
                    + String.format(Locale.ROOT, "%.3f ms", whole));
            return;
        }
        lines.add(new Line("network, HTTP and client", Math.max(0, whole - inside)));
        print(lines, whole, batch, out);
    }

    private static void print(List<Line> lines, double whole, String batch, PrintStream out) {
        out.println(String.format(Locale.ROOT, "%.3f ms%s:", whole, batch));
        for (var line : lines) {
            long bar = Math.clamp(Math.round(line.millis / Math.max(whole, 1e-9) * WIDTH), 0, WIDTH);
            out.println(
                    String.format(Locale.ROOT, "  %-24s %9.3f ms  %s", line.name, line.millis, "#".repeat((int) bar))
                            .stripTrailing());
        }
    }
}
