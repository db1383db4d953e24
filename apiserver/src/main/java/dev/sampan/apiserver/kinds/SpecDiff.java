package dev.sampan.apiserver.kinds;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Says in a message which values of a spec were changed: one line taken away, one line added. */
final class SpecDiff {

    private SpecDiff() {}

    static String of(JsonNode before, JsonNode after) {
        var lines = new ArrayList<String>();
        compare("", before, after, lines);
        return String.join("\n", lines) + "\n";
    }

    private static void compare(String path, JsonNode before, JsonNode after, List<String> lines) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            var names = new TreeSet<String>();
            before.propertyNames().forEach(names::add);
            after.propertyNames().forEach(names::add);
            for (var name : names) {
                compare(path.isEmpty() ? name : path + "." + name, before.path(name), after.path(name), lines);
            }
        } else if (before.isArray() && after.isArray()) {
            for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
                compare(path + "[" + i + "]", before.path(i), after.path(i), lines);
            }
        } else {
            add(lines, "- ", path, before);
            add(lines, "+ ", path, after);
        }
    }

    private static void add(List<String> lines, String sign, String path, JsonNode value) {
        if (!value.isMissingNode()) {
            lines.add(sign + path + ": " + value);
        }
    }
}
