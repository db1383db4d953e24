package dev.sampan.schema.codec;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;

/** Go's text form of durations, such as {@code 1h30m0s}. */
public final class GoDuration {

    private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "μs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);

    private GoDuration() {}

    /** Nanoseconds; what does not parse is zero, since types are checked before. */
    public static long parse(String text) {
        var total = BigDecimal.ZERO;
        var m = PART.matcher(text);
        while (m.find()) {
            var number = m.group(1).isEmpty() || m.group(1).equals(".") ? "0" : m.group(1);
            total = total.add(new BigDecimal(number).multiply(BigDecimal.valueOf(NANOS.getOrDefault(m.group(2), 0L))));
        }
        return text.startsWith("-") ? -total.longValue() : total.longValue();
    }

    /** The shortest text, such as {@code 1h0m1.5s}. */
    public static String format(long nanos) {
        if (nanos == 0) {
            return "0s";
        }
        var sign = nanos < 0 ? "-" : "";
        var rest = Math.abs(nanos);
        if (rest < 1_000_000_000L) {
            return sign + small(rest);
        }
        var seconds = rest / 1_000_000_000L;
        var fraction = BigDecimal.valueOf(rest % 60_000_000_000L, 9)
                        .stripTrailingZeros()
                        .toPlainString() + "s";
        var minutes = seconds / 60;
        if (minutes == 0) {
            return sign + fraction;
        }
        return minutes < 60
                ? sign + minutes + "m" + fraction
                : sign + minutes / 60 + "h" + minutes % 60 + "m" + fraction;
    }

    private static String small(long nanos) {
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        var micros = nanos < 1_000_000;
        var number =
                BigDecimal.valueOf(nanos, micros ? 3 : 6).stripTrailingZeros().toPlainString();
        return number + (micros ? "µs" : "ms");
    }
}
