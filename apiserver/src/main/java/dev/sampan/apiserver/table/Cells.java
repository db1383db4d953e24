package dev.sampan.apiserver.table;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Bits of cells that several kinds share. */
final class Cells {

    static final String NONE = "<none>";
    static final String UNSET = "<unset>";

    private Cells() {}

    static JsonNode at(JsonNode node, String path) {
        var result = node;
        for (var part : path.split("\\.")) {
            result = result.path(part);
        }
        return result;
    }

    static String text(JsonNode node, String path) {
        return at(node, path).asString("");
    }

    static long number(JsonNode node, String path) {
        return at(node, path).asLong(0);
    }

    static String or(String value, String otherwise) {
        return value.isEmpty() ? otherwise : value;
    }

    static Function<JsonNode, Object> textAt(String path) {
        return object -> text(object, path);
    }

    static Function<JsonNode, Object> textOrNone(String path) {
        return object -> or(text(object, path), NONE);
    }

    static Function<JsonNode, Object> numberAt(String path) {
        return object -> number(object, path);
    }

    static Function<JsonNode, Object> countAt(String path) {
        return object -> (long) at(object, path).size();
    }

    static List<String> strings(JsonNode array) {
        var result = new ArrayList<String>();
        array.forEach(item -> result.add(item.asString("")));
        return result;
    }

    /** Names of the containers of a pod specification. */
    static String containers(JsonNode podSpec) {
        return join(podSpec.path("containers"), "name");
    }

    static String images(JsonNode podSpec) {
        return join(podSpec.path("containers"), "image");
    }

    static String join(JsonNode array, String field) {
        var result = new ArrayList<String>();
        array.forEach(item -> result.add(item.path(field).asString("")));
        return String.join(",", result);
    }

    /** A map of labels as {@code a=b,c=d}. */
    static String labels(JsonNode map) {
        var result = new ArrayList<String>();
        map.properties().forEach(e -> result.add(e.getKey() + "=" + e.getValue().asString("")));
        result.sort(String::compareTo);
        return result.isEmpty() ? NONE : String.join(",", result);
    }

    /** A label selector in its object form as a string. */
    static String selector(JsonNode selector) {
        var terms = new ArrayList<String>();
        selector.path("matchLabels")
                .properties()
                .forEach(e -> terms.add(e.getKey() + "=" + e.getValue().asString("")));
        for (var expression : selector.path("matchExpressions")) {
            var key = expression.path("key").asString("");
            var values = "("
                    + String.join(
                            ",",
                            strings(expression.path("values")).stream().sorted().toList()) + ")";
            terms.add(
                    switch (expression.path("operator").asString("")) {
                        case "In" -> key + " in " + values;
                        case "NotIn" -> key + " notin " + values;
                        case "DoesNotExist" -> "!" + key;
                        default -> key;
                    });
        }
        terms.sort(String::compareTo);
        return terms.isEmpty() ? NONE : String.join(",", terms);
    }

    /** Status of a condition, empty when there is none. */
    static String condition(JsonNode object, String type) {
        for (var condition : object.path("status").path("conditions")) {
            if (condition.path("type").asString("").equals(type)) {
                return condition.path("status").asString("");
            }
        }
        return "";
    }

    static boolean isTrue(JsonNode object, String conditionType) {
        return condition(object, conditionType).equals("True");
    }

    /** Access modes in their short form. */
    static String accessModes(JsonNode modes) {
        var result = new ArrayList<String>();
        for (var mode : strings(modes)) {
            result.add(
                    switch (mode) {
                        case "ReadWriteOnce" -> "RWO";
                        case "ReadOnlyMany" -> "ROX";
                        case "ReadWriteMany" -> "RWX";
                        case "ReadWriteOncePod" -> "RWOP";
                        default -> mode;
                    });
        }
        return String.join(",", result);
    }
}
