package dev.sampan.schema.apply;

import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Operations on values with their schemas: which fields they set, how two differ, and one without some fields. */
final class Typed {

    /** Structs that Go types always have, so that nobody adds them. */
    private static final Set<String> ALWAYS_THERE =
            Set.of("metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate");

    private Typed() {}

    /** The fields that {@code object} sets: leaves, items of lists, keys of maps. */
    static FieldSet fields(ObjectNode object, Schema schema) {
        var set = new FieldSet();
        collect(object, schema, List.of(), set);
        return set;
    }

    private static void collect(JsonNode value, @Nullable Schema schema, List<PathElement> path, FieldSet into) {
        switch (Shape.of(schema, value)) {
            case LEAF -> into.insert(path);
            case MAP -> {
                for (var entry : value.properties()) {
                    var name = entry.getKey();
                    var here = Shape.then(path, new PathElement.Field(name));
                    var child = entry.getValue();
                    var field = Shape.field(schema, name);
                    if (!(child.isArray() && child.isEmpty() && Shape.of(field, child) == Shape.Kind.LIST)) {
                        collect(child, field, here, into);
                    }
                    var empty = child.isNull() || child.isObject() && child.isEmpty();
                    if (empty || !Shape.isStructField(schema, name)) {
                        into.insert(here);
                    }
                }
            }
            case LIST -> {
                for (var item : value) {
                    var here = Shape.then(path, Shape.element(known(schema), item, text(path)));
                    if (item.isContainer()) {
                        collect(item, known(schema).items(), here, into);
                    }
                    into.insert(here);
                }
            }
        }
    }

    private static Schema known(@Nullable Schema schema) {
        if (schema == null) {
            throw new IllegalStateException("only lists with a schema are merged");
        }
        return schema;
    }

    private static String text(List<PathElement> path) {
        var out = new StringBuilder();
        path.forEach(out::append);
        return out.toString();
    }

    /** How {@code after} differs from {@code before}. */
    record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

        FieldSet changed() {
            return added.union(modified);
        }

        /** But for what is at or below some fields. */
        Comparison without(FieldSet fields) {
            return fields.isEmpty()
                    ? this
                    : new Comparison(
                            added.recursiveDifference(fields),
                            modified.recursiveDifference(fields),
                            removed.recursiveDifference(fields));
        }
    }

    static Comparison compare(ObjectNode before, ObjectNode after, Schema schema) {
        var result = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        compareMaps(before, after, schema, result);
        return result;
    }

    /** Adds how what stands at {@code here} differs to the comparison of what it stands in. Equal values are not entered. */
    private static void compare(
            @Nullable JsonNode before,
            @Nullable JsonNode after,
            @Nullable Schema schema,
            PathElement here,
            Comparison result) {
        if (before == null ? after == null : before.equals(after)) {
            return;
        }
        var shape = shape(before, after, schema);
        if (shape == Shape.Kind.LEAF) {
            if (before == null) {
                result.added.add(here);
            } else if (after == null) {
                result.removed.add(here);
            } else {
                result.modified.add(here);
            }
            return;
        }
        if (before == null && !isAlwaysThere(schema, here)) {
            result.added.add(here);
        } else if (after == null) {
            result.removed.add(here);
        }
        var below = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        if (shape == Shape.Kind.MAP) {
            compareMaps(before, after, schema, below);
        } else {
            compareLists(before, after, known(schema), here, below);
        }
        result.added.add(here, below.added);
        result.modified.add(here, below.modified);
        result.removed.add(here, below.removed);
    }

    private static boolean isAlwaysThere(@Nullable Schema schema, PathElement here) {
        return schema != null
                && schema.builtin()
                && here instanceof PathElement.Field field
                && ALWAYS_THERE.contains(field.name());
    }

    /** Maps and lists that are empty on both sides are leaves. */
    private static Shape.Kind shape(@Nullable JsonNode before, @Nullable JsonNode after, @Nullable Schema schema) {
        var left = before == null ? null : Shape.of(schema, before);
        var right = after == null ? null : Shape.of(schema, after);
        if (left != null && right != null && left != right) {
            return Shape.Kind.LEAF;
        }
        var empty = (before == null || before.isEmpty()) && (after == null || after.isEmpty());
        var kind = left != null ? left : right;
        return empty || kind == null ? Shape.Kind.LEAF : kind;
    }

    private static void compareMaps(
            @Nullable JsonNode before, @Nullable JsonNode after, @Nullable Schema schema, Comparison result) {
        if (before != null) {
            for (var entry : before.properties()) {
                var name = entry.getKey();
                var now = after == null ? null : after.get(name);
                compare(entry.getValue(), now, Shape.field(schema, name), new PathElement.Field(name), result);
            }
        }
        if (after != null) {
            for (var entry : after.properties()) {
                var name = entry.getKey();
                if (before == null || !before.has(name)) {
                    compare(null, entry.getValue(), Shape.field(schema, name), new PathElement.Field(name), result);
                }
            }
        }
    }

    private static void compareLists(
            @Nullable JsonNode before, @Nullable JsonNode after, Schema list, PathElement here, Comparison result) {
        var left = Shape.items(list, before, here.toString());
        var right = Shape.items(list, after, here.toString());
        left.forEach((name, item) -> compare(item, right.get(name), list.items(), name, result));
        right.forEach((name, item) -> {
            if (!left.containsKey(name)) {
                compare(null, item, list.items(), name, result);
            }
        });
    }

    /** {@code object} without the fields of {@code set} and all below them. */
    static ObjectNode without(ObjectNode object, FieldSet set, Schema schema) {
        return (ObjectNode) remove(object, set, schema, List.of());
    }

    private static JsonNode remove(JsonNode value, FieldSet set, @Nullable Schema schema, List<PathElement> path) {
        return switch (Shape.of(schema, value)) {
            case LEAF -> value;
            case MAP -> {
                var map = JsonNodeFactory.instance.objectNode();
                for (var entry : value.properties()) {
                    var element = new PathElement.Field(entry.getKey());
                    if (!set.has(element)) {
                        var below = set.below(element);
                        var field = Shape.field(schema, entry.getKey());
                        keep(entry.getValue(), below, field, Shape.then(path, element))
                                .forEach(v -> map.set(entry.getKey(), v));
                    }
                }
                yield map;
            }
            case LIST -> {
                var list = JsonNodeFactory.instance.arrayNode();
                for (var item : value) {
                    var element = Shape.element(known(schema), item, text(path));
                    if (!set.has(element)) {
                        var below = set.below(element);
                        list.add(
                                below == null
                                        ? item
                                        : remove(item, below, known(schema).items(), Shape.then(path, element)));
                    }
                }
                yield list;
            }
        };
    }

    /** The value without what is below; nothing when that leaves it empty. */
    private static List<JsonNode> keep(
            JsonNode value, @Nullable FieldSet below, @Nullable Schema schema, List<PathElement> path) {
        if (below == null || value.isEmpty()) {
            return List.of(value);
        }
        var rest = remove(value, below, schema, path);
        return rest.isEmpty() ? List.of() : List.of(rest);
    }

    /** @throws ApplyException for fields that the schema does not know, and for duplicate items */
    static void check(ObjectNode applied, Schema schema) {
        var problems = new ArrayList<String>();
        check(applied, schema, "", problems);
        if (!problems.isEmpty()) {
            throw new ApplyException(
                    problems.size() == 1 ? problems.getFirst() : "errors:\n  " + String.join("\n  ", problems));
        }
    }

    private static void check(JsonNode value, Schema field, String path, List<String> problems) {
        var schema = field.forValue(value);
        switch (value) {
            case ObjectNode map -> {
                for (var entry : map.properties()) {
                    var here = path + "." + entry.getKey();
                    var known = schema.field(entry.getKey());
                    if (known != null) {
                        check(entry.getValue(), known, here, problems);
                    } else if (!schema.preserveUnknownFields()) {
                        problems.add(here + ": field not declared in schema");
                    }
                }
            }
            case ArrayNode list
            when schema.items() != null -> {
                Set<PathElement> seen = new HashSet<>();
                var merged = Shape.of(schema, list) == Shape.Kind.LIST;
                for (var item : list) {
                    var element = merged ? Shape.element(schema, item, path) : new PathElement.Index(seen.size());
                    if (!seen.add(element)) {
                        problems.add(path + ": duplicate entries for key " + element);
                    }
                    check(item, schema.items(), path + element, problems);
                }
            }
            default -> {}
        }
    }

    static JsonNode orNull(@Nullable JsonNode value) {
        return value == null ? NullNode.getInstance() : value;
    }
}
