package dev.sampan.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which values an object's selectable fields must have ({@code metadata.name=a,status.phase!=Running}). Immutable.
 *
 * @param requirements all of them must hold
 */
public record FieldSelector(List<Requirement> requirements) {

    /** One condition; a field that the object lacks has the empty string as its value. */
    public record Requirement(String field, boolean equal, String value) {

        boolean matches(String actual) {
            return equal == value.equals(actual);
        }

        @Override
        public String toString() {
            return field
                    + (equal ? "=" : "!=")
                    + value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
        }
    }

    public FieldSelector {
        requirements = List.copyOf(requirements);
    }

    public static FieldSelector everything() {
        return new FieldSelector(List.of());
    }

    /**
     * Reads the form of {@code ?fieldSelector=}; a backslash escapes {@code , = \} in values.
     *
     * @throws IllegalArgumentException in Kubernetes' words
     */
    public static FieldSelector parse(String text) {
        var requirements = new ArrayList<Requirement>();
        for (var term : terms(text)) {
            if (!term.isEmpty()) {
                requirements.add(requirement(text, term));
            }
        }
        return new FieldSelector(requirements);
    }

    private static List<String> terms(String text) {
        var terms = new ArrayList<String>();
        var term = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                term.append(c).append(text.charAt(++i));
            } else if (c == ',') {
                terms.add(term.toString());
                term.setLength(0);
            } else {
                term.append(c);
            }
        }
        terms.add(term.toString());
        return terms;
    }

    private static Requirement requirement(String selector, String term) {
        for (int i = 0; i < term.length(); i++) {
            if (term.startsWith("!=", i)) {
                return new Requirement(term.substring(0, i), false, unescape(term.substring(i + 2)));
            }
            if (term.charAt(i) == '=') {
                var value = term.substring(term.startsWith("==", i) ? i + 2 : i + 1);
                return new Requirement(term.substring(0, i), true, unescape(value));
            }
        }
        throw new IllegalArgumentException("invalid selector: '" + selector + "'; can't understand '" + term + "'");
    }

    private static String unescape(String value) {
        var out = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            var c = value.charAt(i);
            if (c == '\\') {
                if (i + 1 == value.length() || ",=\\".indexOf(value.charAt(i + 1)) < 0) {
                    throw new IllegalArgumentException(
                            "invalid field selector: invalid escape sequence in value: " + value);
                }
                out.append(value.charAt(++i));
            } else if (c == '=' || c == ',') {
                throw new IllegalArgumentException("invalid field selector: unescaped character in value: " + c);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    public boolean isEmpty() {
        return requirements.isEmpty();
    }

    public boolean matches(Map<String, String> fields) {
        return requirements.stream().allMatch(r -> r.matches(fields.getOrDefault(r.field, "")));
    }

    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
