package dev.sampan.serving.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Command-line flags in the forms {@code --name=value}, {@code --name value} and, for booleans, {@code --name}; dashes in
 * names count as underscores.
 */
public final class Flags {
    private final Map<String, String> values = new HashMap<>();

    /**
     * @param known names of the flags there are
     * @param booleans those of them that may stand without a value
     * @throws IllegalArgumentException if an argument is no known flag or lacks its value
     */
    public Flags(List<String> arguments, Set<String> known, Set<String> booleans) {
        for (int i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                throw new IllegalArgumentException("unexpected argument '" + argument + "'");
            }
            int equals = argument.indexOf('=');
            var name = argument.substring(2, equals < 0 ? argument.length() : equals)
                    .replace('-', '_');
            if (!known.contains(name)) {
                throw new IllegalArgumentException("unknown flag --" + name);
            }
            if (equals >= 0) {
                values.put(name, argument.substring(equals + 1));
            } else if (booleans.contains(name)) {
                boolean given = i + 1 < arguments.size() && isBoolean(arguments.get(i + 1));
                values.put(name, given ? arguments.get(++i) : "true");
            } else if (i + 1 < arguments.size()) {
                values.put(name, arguments.get(++i));
            } else {
                throw new IllegalArgumentException("flag --" + name + " needs a value");
            }
        }
    }

    private static boolean isBoolean(String text) {
        return text.equals("true") || text.equals("false");
    }

    /** Names of the flags that were given. */
    public List<String> given() {
        return new ArrayList<>(values.keySet());
    }

    /** The value of a flag, or null if it was not given. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** @throws IllegalArgumentException if the value is no integer */
    public long integer(String name, long otherwise) {
        var value = values.get(name);
        try {
            return value == null ? otherwise : Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("flag --" + name + " needs an integer, not '" + value + "'", e);
        }
    }

    /** @throws IllegalArgumentException if the value is no number of seconds, 0 or more */
    public double seconds(String name, double otherwise) {
        var value = values.get(name);
        try {
            double seconds = value == null ? otherwise : Double.parseDouble(value.strip());
            if (seconds >= 0) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("flag --" + name + " needs a number of seconds, not '" + value + "'", e);
        }
        throw new IllegalArgumentException("flag --" + name + " needs 0 or more seconds, not '" + value + "'");
    }

    /** @throws IllegalArgumentException if the value is neither true nor false */
    public boolean bool(String name, boolean otherwise) {
        var value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes" -> true;
            case "false", "0", "no" -> false;
            default ->
                throw new IllegalArgumentException("flag --" + name + " needs true or false, not '" + value + "'");
        };
    }
}
