package dev.sampan.schema;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and durations as Go's {@code time} package reads them, with its error messages. */
final class GoTime {

    private static final List<String> ELEMENTS = List.of("2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05");
    private static final Pattern DURATION =
            Pattern.compile("[-+]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");
    private static final Pattern ZONE = Pattern.compile("Z|[+-][0-9]{2}:[0-9]{2}");
    private static final Pattern FRACTION = Pattern.compile("[.,][0-9]+");

    private GoTime() {}

    static boolean isDuration(String text) {
        return DURATION.matcher(text).matches();
    }

    /** What {@code time.Parse} says about an RFC 3339 text, or empty when it is well-formed. */
    static Optional<String> problem(String text, String layout) {
        int at = 0;
        for (var element : ELEMENTS) {
            if (!isAt(text, at, element)) {
                return cannotParse(text, layout, text.substring(at), element);
            }
            at += element.length();
        }
        var fraction = FRACTION.matcher(text).region(at, text.length());
        if (fraction.lookingAt()) {
            at = fraction.end();
        }
        Matcher zone = ZONE.matcher(text).region(at, text.length());
        if (!zone.lookingAt()) {
            return cannotParse(text, layout, text.substring(at), "Z07:00");
        }
        if (zone.end() < text.length()) {
            return Optional.of(prefix(text, layout) + "extra text: " + FieldValues.quote(text.substring(zone.end())));
        }
        return range(text);
    }

    /** Whether a text has as many digits there as the element has, or the very element. */
    private static boolean isAt(String text, int at, String element) {
        if (text.length() - at < element.length()) {
            return false;
        }
        for (int i = 0; i < element.length(); i++) {
            char wanted = element.charAt(i);
            char there = text.charAt(at + i);
            if (isDigit(wanted) ? !isDigit(there) : wanted != there) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static Optional<String> range(String text) {
        var month = Integer.parseInt(text.substring(5, 7));
        if (month < 1 || month > 12) {
            return Optional.of("parsing time " + FieldValues.quote(text) + ": month out of range");
        }
        try {
            var unused = LocalDate.of(
                    Integer.parseInt(text.substring(0, 4)), month, Integer.parseInt(text.substring(8, 10)));
        } catch (DateTimeException e) {
            return Optional.of("parsing time " + FieldValues.quote(text) + ": day out of range");
        }
        if (Integer.parseInt(text.substring(11, 13)) > 23) {
            return Optional.of("parsing time " + FieldValues.quote(text) + ": hour out of range");
        }
        if (Integer.parseInt(text.substring(14, 16)) > 59) {
            return Optional.of("parsing time " + FieldValues.quote(text) + ": minute out of range");
        }
        return Integer.parseInt(text.substring(17, 19)) > 59
                ? Optional.of("parsing time " + FieldValues.quote(text) + ": second out of range")
                : Optional.empty();
    }

    private static Optional<String> cannotParse(String text, String layout, String rest, String element) {
        return Optional.of(
                prefix(text, layout) + "cannot parse " + FieldValues.quote(rest) + " as " + FieldValues.quote(element));
    }

    private static String prefix(String text, String layout) {
        return "parsing time " + FieldValues.quote(text) + " as " + FieldValues.quote(layout) + ": ";
    }
}
