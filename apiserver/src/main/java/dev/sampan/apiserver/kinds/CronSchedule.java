package dev.sampan.apiserver.kinds;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks cron expressions: five fields, or a name such as {@code @daily}, or {@code @every} a duration. When a schedule is
 * due is the CronJob controller's affair.
 */
final class CronSchedule {

    private static final Set<String> NAMES =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");

    private record Range(int min, int max, List<String> names) {}

    private static final List<Range> FIELDS = List.of(
            new Range(0, 59, List.of()),
            new Range(0, 23, List.of()),
            new Range(1, 31, List.of()),
            new Range(
                    1, 12, List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
            new Range(0, 6, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat")));

    private CronSchedule() {}

    /** What is wrong with an expression; empty when nothing is. */
    static String problem(String text) {
        if (text.startsWith("@")) {
            var every = text.startsWith("@every ") && text.substring(7).matches("([0-9.]+(ns|us|µs|ms|s|m|h))+");
            return NAMES.contains(text) || every ? "" : "unrecognized descriptor: " + text;
        }
        var fields = text.strip().split("\\s+");
        if (fields.length != 5) {
            return "expected exactly 5 fields, found %d: [%s]".formatted(fields.length, String.join(" ", fields));
        }
        for (int i = 0; i < 5; i++) {
            for (var part : fields[i].split(",", -1)) {
                var problem = part(part, FIELDS.get(i));
                if (!problem.isEmpty()) {
                    return problem;
                }
            }
        }
        return "";
    }

    private static String part(String text, Range range) {
        var steps = text.split("/", -1);
        if (steps.length > 2) {
            return "too many slashes: " + text;
        }
        if (steps.length == 2) {
            var step = number(steps[1], Map.of());
            if (step == null) {
                return "failed to parse int from " + steps[1];
            }
            if (step == 0) {
                return "step of range should be a positive number: " + text;
            }
        }
        if (steps[0].equals("*") || steps[0].equals("?")) {
            return "";
        }
        return bounds(text, steps[0], range);
    }

    private static String bounds(String text, String expression, Range range) {
        var ends = expression.split("-", -1);
        if (ends.length > 2) {
            return "too many hyphens: " + text;
        }
        var names = new java.util.HashMap<String, Integer>();
        for (int i = 0; i < range.names().size(); i++) {
            names.put(range.names().get(i), i + range.min());
        }
        int previous = range.min();
        for (var end : ends) {
            var number = number(end, names);
            if (number == null) {
                return "failed to parse int from " + end;
            }
            if (number < range.min()) {
                return "beginning of range (%d) below minimum (%d): %s".formatted(number, range.min(), text);
            }
            if (number > range.max()) {
                return "end of range (%d) above maximum (%d): %s".formatted(number, range.max(), text);
            }
            if (number < previous) {
                return "beginning of range (%d) beyond end of range (%d): %s".formatted(previous, number, text);
            }
            previous = number;
        }
        return "";
    }

    private static @org.jspecify.annotations.Nullable Integer number(String text, Map<String, Integer> names) {
        var named = names.get(text.toLowerCase(java.util.Locale.ROOT));
        if (named != null) {
            return named;
        }
        return text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : null;
    }
}
