package dev.sampan.schema.cel;

import dev.cel.common.values.CelByteString;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** CEL's {@code format} of strings, which cel-java does not have: {@code '%s is %d'.format([name, n])}. */
final class TextFormat {

    private static final Pattern CLAUSE = Pattern.compile("%(?:\\.(\\d+))?(.?)");
    private static final int MAX_PRECISION = 100;
    private static final int DEFAULT_PRECISION = 6;

    private final List<?> arguments;
    private int next;

    private TextFormat(List<?> arguments) {
        this.arguments = arguments;
    }

    /** @throws IllegalArgumentException when the arguments do not fit the clauses */
    static String format(String text, List<?> arguments) {
        var format = new TextFormat(arguments);
        var made = CLAUSE.matcher(text).replaceAll(m -> java.util.regex.Matcher.quoteReplacement(format.clause(m)));
        if (format.next < arguments.size()) {
            throw new IllegalArgumentException("too many arguments supplied to string.format (expected " + format.next
                    + ", got " + arguments.size() + ")");
        }
        return made;
    }

    private String clause(MatchResult m) {
        var verb = m.group(2);
        if (verb.equals("%")) {
            return "%";
        }
        if (next >= arguments.size()) {
            throw new IllegalArgumentException("index " + next + " out of range");
        }
        Object value = arguments.get(next++);
        return switch (verb) {
            case "s" -> text(value);
            case "d" -> value instanceof Double ? decimal(value).toPlainString() : integer(value, 10, verb);
            case "o" -> integer(value, 8, verb);
            case "b" -> value instanceof Boolean b ? (b ? "1" : "0") : integer(value, 2, verb);
            case "x" -> hexadecimal(value, verb);
            case "X" -> hexadecimal(value, verb).toUpperCase(Locale.ROOT);
            case "f" ->
                decimal(value)
                        .setScale(precision(m.group(1)), RoundingMode.HALF_EVEN)
                        .toPlainString();
            case "e" -> String.format(Locale.ROOT, "%." + precision(m.group(1)) + "e", decimal(value));
            default ->
                throw new IllegalArgumentException(
                        "could not parse formatting clause: unrecognized formatting clause \"" + verb + "\"");
        };
    }

    private static int precision(@Nullable String digits) {
        if (digits == null) {
            return DEFAULT_PRECISION;
        }
        int precision = digits.length() > 3 ? Integer.MAX_VALUE : Integer.parseInt(digits);
        if (precision > MAX_PRECISION) {
            throw new IllegalArgumentException("precision must not be greater than " + MAX_PRECISION);
        }
        return precision;
    }

    private static String integer(Object value, int radix, String verb) {
        if (value instanceof Long number) {
            return Long.toString(number, radix);
        }
        if (value instanceof Number number && !(value instanceof Double)) {
            return Long.toUnsignedString(number.longValue(), radix);
        }
        throw new IllegalArgumentException(
                "error during formatting: %" + verb + " clause can only be used on integers");
    }

    private static String hexadecimal(Object value, String verb) {
        return switch (value) {
            case String s -> HexFormat.of().formatHex(s.getBytes(StandardCharsets.UTF_8));
            case CelByteString b -> HexFormat.of().formatHex(b.toByteArray());
            default -> integer(value, 16, verb);
        };
    }

    private static BigDecimal decimal(Object value) {
        if (value instanceof Double d && !d.isNaN() && !d.isInfinite()) {
            return BigDecimal.valueOf(d);
        }
        if (value instanceof Number n && !(value instanceof Double)) {
            return BigDecimal.valueOf(n.longValue());
        }
        throw new IllegalArgumentException(
                "error during formatting: fixed-point clause can only be used on finite doubles");
    }

    private static String text(Object value) {
        return switch (value) {
            case List<?> list -> list.stream().map(TextFormat::text).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map -> {
                var sorted = new TreeMap<String, String>();
                map.forEach((k, v) -> sorted.put(text(k), text(v)));
                yield sorted.entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .collect(Collectors.joining(", ", "{", "}"));
            }
            case CelByteString b -> b.toStringUtf8();
            case Double d when d == Math.rint(d) && Math.abs(d) < 1e15 -> Long.toString(d.longValue());
            case Duration d ->
                BigDecimal.valueOf(d.toNanos(), 9).stripTrailingZeros().toPlainString() + "s";
            default -> {
                var plain = CelValues.text(value);
                yield plain.equals("NULL_VALUE") ? "null" : plain;
            }
        };
    }
}
