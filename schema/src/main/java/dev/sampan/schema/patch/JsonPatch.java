package dev.sampan.schema.patch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON patch, RFC 6902, with the error words of the library that Kubernetes uses. */
public final class JsonPatch {

    private static final int MAX_OPERATIONS = 10_000;

    private JsonNode document;

    private JsonPatch(JsonNode document) {
        this.document = document;
    }

    /**
     * Returns {@code original} with the operations of {@code patch} applied; the arguments stay as they are.
     *
     * @throws PatchException when the patch is not an array of operations, or one of them does not apply
     */
    public static JsonNode apply(JsonNode original, JsonNode patch) {
        if (!patch.isArray()) {
            throw PatchException.malformed(
                    "json: cannot unmarshal " + kind(patch) + " into Go value of type jsonpatch.Patch");
        }
        if (patch.size() > MAX_OPERATIONS) {
            throw new PatchException(
                    PatchException.Reason.TOO_LARGE,
                    "The allowed maximum operations in a JSON patch is " + MAX_OPERATIONS + ", got " + patch.size());
        }
        var target = new JsonPatch(original.deepCopy());
        patch.forEach(target::run);
        return target.document;
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "object";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> "number";
            default -> "null";
        };
    }

    private void run(JsonNode operation) {
        var op = operation.path("op").asString("");
        switch (op) {
            case "add" -> add(path(operation, "path", op), value(operation), op);
            case "remove" -> remove(path(operation, "path", op), op);
            case "replace" -> replace(path(operation, "path", op), value(operation));
            case "move" -> {
                var from = path(operation, "from", op);
                var moved = get(from, "move operation does not apply: doc is missing from path: ");
                remove(from, op);
                add(path(operation, "path", op), moved, op);
            }
            case "copy" -> {
                var copied =
                        get(path(operation, "from", op), "copy operation does not apply: doc is missing from path: ");
                add(path(operation, "path", op), copied.deepCopy(), op);
            }
            case "test" -> test(path(operation, "path", op), operation.get("value"));
            default -> throw PatchException.unfit("Unexpected kind: " + op);
        }
    }

    private static String path(JsonNode operation, String field, String op) {
        var path = operation.get(field);
        if (path == null || !path.isString()) {
            throw PatchException.unfit(op + " operation failed to decode " + field + ": missing value");
        }
        return path.stringValue();
    }

    private static JsonNode value(JsonNode operation) {
        var value = operation.get("value");
        return value == null ? NullNode.getInstance() : value.deepCopy();
    }

    private static List<String> tokens(String path) {
        var tokens = new ArrayList<String>();
        for (var token : path.substring(1).split("/", -1)) {
            tokens.add(token.replace("~1", "/").replace("~0", "~"));
        }
        return tokens;
    }

    /** The container that the last token names a member of; null when the way to it is missing. */
    private @Nullable JsonNode parent(String path) {
        if (!path.startsWith("/")) {
            return null;
        }
        var tokens = tokens(path);
        JsonNode node = document;
        for (var token : tokens.subList(0, tokens.size() - 1)) {
            node = member(node, token);
            if (node == null || !node.isContainer()) {
                return null;
            }
        }
        return node;
    }

    private static String last(String path) {
        return tokens(path).getLast();
    }

    private static @Nullable JsonNode member(JsonNode container, String token) {
        if (container instanceof ArrayNode array) {
            return token.matches("-?[0-9]{1,9}") ? array.get(index(array, token, array.size() - 1)) : null;
        }
        return container.get(token);
    }

    private static int index(ArrayNode array, String token, int max) {
        if (!token.matches("-?[0-9]{1,9}")) {
            throw PatchException.unfit("value was not a proper array index: '" + token + "'");
        }
        var index = Integer.parseInt(token);
        if (index < -array.size() || index > max) {
            throw PatchException.unfit("Unable to access invalid index: " + index + ": invalid index referenced");
        }
        return index < 0 ? index + array.size() : index;
    }

    private JsonNode get(String path, String missing) {
        var parent = parent(path);
        var value = parent == null ? null : member(parent, last(path));
        if (value == null) {
            throw PatchException.unfit(missing + path + ": missing value");
        }
        return value;
    }

    private void add(String path, JsonNode value, String op) {
        if (path.isEmpty()) {
            document = value;
            return;
        }
        var parent = parent(path);
        var key = path.startsWith("/") ? last(path) : "";
        switch (parent) {
            case null ->
                throw PatchException.unfit(
                        op + " operation does not apply: doc is missing path: \"" + path + "\": missing value");
            case ArrayNode array when key.equals("-") -> array.add(value);
            case ArrayNode array -> inPath("add", path, () -> array.insert(index(array, key, array.size()), value));
            case ObjectNode object -> object.set(key, value);
            default -> throw PatchException.unfit("add operation does not apply: not a container: " + path);
        }
    }

    private void remove(String path, String op) {
        var parent = parent(path);
        switch (parent) {
            case null ->
                throw PatchException.unfit(
                        op + " operation does not apply: doc is missing path: \"" + path + "\": missing value");
            case ArrayNode array ->
                inPath("remove", path, () -> array.remove(index(array, last(path), array.size() - 1)));
            case ObjectNode object -> {
                if (object.remove(last(path)) == null) {
                    throw PatchException.unfit("error in remove for path: '" + path
                            + "': Unable to remove nonexistent key: " + last(path) + ": missing value");
                }
            }
            default -> throw PatchException.unfit("remove operation does not apply: not a container: " + path);
        }
    }

    private void replace(String path, JsonNode value) {
        if (path.isEmpty()) {
            document = value;
            return;
        }
        var parent = parent(path);
        if (parent == null) {
            throw PatchException.unfit(
                    "replace operation does not apply: doc is missing path: " + path + ": missing value");
        }
        if (member(parent, last(path)) == null) {
            throw PatchException.unfit(
                    "replace operation does not apply: doc is missing key: " + path + ": missing value");
        }
        switch (parent) {
            case ArrayNode array -> array.set(index(array, last(path), array.size() - 1), value);
            case ObjectNode object -> object.set(last(path), value);
            default -> throw PatchException.unfit("replace operation does not apply: not a container: " + path);
        }
    }

    private void test(String path, @Nullable JsonNode expected) {
        var parent = path.isEmpty() ? null : parent(path);
        if (parent == null && !path.isEmpty()) {
            throw PatchException.unfit("test operation does not apply: is missing path: " + path + ": missing value");
        }
        var actual = parent == null ? document : member(parent, last(path));
        if (!sameJson(orNull(actual), orNull(expected))) {
            throw PatchException.unfit("testing value " + path + " failed: test failed");
        }
    }

    private static JsonNode orNull(@Nullable JsonNode value) {
        return value == null ? NullNode.getInstance() : value;
    }

    /** Equality of JSON values: {@code 1} and {@code 1.0} are the same number. */
    private static boolean sameJson(JsonNode a, JsonNode b) {
        return a.equals(
                (x, y) -> x.isNumber() && y.isNumber()
                        ? x.decimalValue().compareTo(y.decimalValue())
                        : x.equals(y) ? 0 : 1,
                b);
    }

    private static void inPath(String op, String path, Runnable change) {
        try {
            change.run();
        } catch (PatchException e) {
            throw PatchException.unfit("error in " + op + " for path: '" + path + "': " + e.getMessage());
        }
    }
}
