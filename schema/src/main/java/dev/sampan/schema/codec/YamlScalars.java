package dev.sampan.schema.codec;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a plain YAML scalar means to Kubernetes: YAML 1.1 as go-yaml v2 reads it ({@code on} is true, {@code 0644} is octal;
 * a timestamp stays a string).
 */
final class YamlScalars {

    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Pattern INTEGER =
            Pattern.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([0-9]+))");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private YamlScalars() {}

    /** The value of an untagged plain scalar. */
    static JsonNode plain(String text) {
        if (NULL.contains(text)) {
            return NODES.nullNode();
        }
        if (TRUE.contains(text) || FALSE.contains(text)) {
            return NODES.booleanNode(TRUE.contains(text));
        }
        var first = text.charAt(0);
        if (Character.isDigit(first) || first == '-' || first == '+' || first == '.') {
            var number = number(text.replace("_", ""));
            if (number != null) {
                return number;
            }
        }
        return NODES.stringNode(text);
    }

    static @Nullable JsonNode number(String text) {
        var m = INTEGER.matcher(text);
        if (m.matches()) {
            var integer = integer(m);
            if (integer != null) {
                return integer;
            }
        }
        if (FLOAT.matcher(text).matches()) {
            return Json.decimal(Double.parseDouble(text));
        }
        return switch (text) {
            case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN" ->
                throw new DecodeException("error converting YAML to JSON: json: unsupported value: " + text);
            default -> null;
        };
    }

    private static @Nullable JsonNode integer(java.util.regex.Matcher m) {
        int[] radixes = {16, 2, 8, 10};
        for (int i = 0; i < radixes.length; i++) {
            var digits = m.group(i + 2);
            if (digits != null) {
                try {
                    return Json.number(Long.parseLong(m.group(1) + digits, radixes[i]));
                } catch (NumberFormatException tooLarge) {
                    return radixes[i] == 10 ? NODES.numberNode(Double.parseDouble(m.group())) : null;
                }
            }
        }
        return null;
    }

    /** Whether a string needs quotes so that it is read back as the same string. */
    static boolean needsQuotes(String text) {
        if (text.isEmpty() || !plain(text).isString() || text.equals("<<") || text.equals("=")) {
            return true;
        }
        // What looks like a date or a number to other readers is quoted too, as go-yaml does.
        return text.matches("[-+.]?[0-9][-0-9_:.eEtTzZ+ ]*|\\.(inf|Inf|INF|nan|NaN|NAN)|[-+]\\.(inf|Inf|INF)");
    }
}
