package dev.sampan.apiserver.table;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The part of kubectl's JSON path that printer columns use: fields, {@code ['quoted fields']}, indexes, slices {@code
 * [-1:]}, {@code [*]}, {@code ..} and filters {@code [?(@.type=="Ready")]} and {@code [?(@.type)]}. Immutable.
 */
final class JsonPath {

    private sealed interface Step {}

    private record Field(String name) implements Step {}

    private record Index(int index) implements Step {}

    /** @param end null for the end of the list */
    private record Slice(int start, @Nullable Integer end, int step) implements Step {}

    private record All() implements Step {}

    /** The node and everything below it, outermost first. */
    private record Descent() implements Step {}

    /** Items that have something at the path. */
    private record Present(List<String> path) implements Step {}

    private record Filter(List<String> path, boolean equal, String value) implements Step {}

    private static final Pattern SLICE = Pattern.compile("(-?[0-9]{1,9})?:(-?[0-9]{1,9})?(:[0-9]{0,9})?");

    private final List<Step> steps;

    private JsonPath(List<Step> steps) {
        this.steps = steps;
    }

    /** A path that cannot be read finds nothing. */
    static JsonPath parse(String text) {
        return new JsonPath(new Reader(text).steps());
    }

    List<JsonNode> find(JsonNode root) {
        var found = List.of(root);
        for (var step : steps) {
            var next = new ArrayList<JsonNode>();
            for (var node : found) {
                take(node, step, next);
            }
            next.removeIf(n -> n.isMissingNode() || n.isNull());
            found = next;
        }
        return steps.isEmpty() ? List.of() : found;
    }

    private static void take(JsonNode node, Step step, List<JsonNode> into) {
        switch (step) {
            case Field field -> into.add(node.path(field.name()));
            case Index index -> into.add(node.path(index.index() < 0 ? node.size() + index.index() : index.index()));
            case Slice slice -> slice(node, slice, into);
            case All all -> node.forEach(into::add);
            case Descent descent -> descend(node, into);
            case Present present ->
                node.forEach(item -> {
                    if (!at(item, present.path()).isMissingNode()) {
                        into.add(item);
                    }
                });
            case Filter filter ->
                node.forEach(item -> {
                    if (matches(item, filter)) {
                        into.add(item);
                    }
                });
        }
    }

    private static JsonNode at(JsonNode item, List<String> path) {
        var node = item;
        for (var name : path) {
            node = node.path(name);
        }
        return node;
    }

    private static void descend(JsonNode node, List<JsonNode> into) {
        into.add(node);
        node.forEach(below -> descend(below, into));
    }

    private static void slice(JsonNode node, Slice slice, List<JsonNode> into) {
        int size = node.size();
        int end = slice.end() == null ? size : slice.end() < 0 ? size + slice.end() : Math.min(slice.end(), size);
        int start = slice.start() < 0 ? Math.max(0, size + slice.start()) : slice.start();
        for (int i = start; i < end; i += slice.step()) {
            into.add(node.path(i));
        }
    }

    private static boolean matches(JsonNode item, Filter filter) {
        var node = at(item, filter.path());
        return !node.isMissingNode() && node.asString("").equals(filter.value()) == filter.equal();
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        List<Step> steps() {
            var steps = new ArrayList<Step>();
            while (at < text.length()) {
                char c = text.charAt(at);
                if (text.startsWith("..", at)) {
                    steps.add(new Descent());
                    at += 2;
                } else if (c == '.') {
                    at++;
                } else if (c == '[') {
                    int end = closing();
                    if (end < 0) {
                        return List.of();
                    }
                    steps.add(bracket(text.substring(at + 1, end)));
                    at = end + 1;
                } else {
                    var name = name();
                    steps.add(name.equals("*") ? new All() : new Field(name));
                }
            }
            return steps;
        }

        private int closing() {
            char quote = 0;
            for (int i = at; i < text.length(); i++) {
                char c = text.charAt(i);
                if (quote != 0) {
                    quote = c == quote ? 0 : quote;
                } else if (c == '\'' || c == '"') {
                    quote = c;
                } else if (c == ']') {
                    return i;
                }
            }
            return -1;
        }

        private String name() {
            var name = new StringBuilder();
            while (at < text.length() && ".[".indexOf(text.charAt(at)) < 0) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                name.append(text.charAt(at++));
            }
            return name.toString();
        }

        private static Step bracket(String inside) {
            if (inside.equals("*")) {
                return new All();
            }
            if (inside.startsWith("?(") && inside.endsWith(")")) {
                return filter(inside.substring(2, inside.length() - 1));
            }
            if (inside.startsWith("'") || inside.startsWith("\"")) {
                return new Field(unquote(inside));
            }
            if (SLICE.matcher(inside.strip()).matches()) {
                return slice(inside.strip().split(":", -1));
            }
            try {
                return new Index(Integer.parseInt(inside.strip()));
            } catch (NumberFormatException e) {
                return new Field(inside);
            }
        }

        private static Step slice(String[] parts) {
            return new Slice(
                    parts[0].isEmpty() ? 0 : Integer.parseInt(parts[0]),
                    parts[1].isEmpty() ? null : Integer.valueOf(parts[1]),
                    parts.length < 3 || parts[2].isEmpty() ? 1 : Math.max(1, Integer.parseInt(parts[2])));
        }

        private static Step filter(String condition) {
            boolean equal = condition.contains("==");
            var sides = condition.split(equal ? "==" : "!=", 2);
            var path = sides[0].strip().replaceFirst("^@\\.?", "");
            var names = List.of(path.split("\\."));
            return sides.length == 2 ? new Filter(names, equal, unquote(sides[1].strip())) : new Present(names);
        }

        private static String unquote(String text) {
            var stripped = text.strip();
            return stripped.length() >= 2 && "'\"".indexOf(stripped.charAt(0)) >= 0
                    ? stripped.substring(1, stripped.length() - 1)
                    : stripped;
        }
    }
}
