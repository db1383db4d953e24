package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.schema.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The scale subresource: an {@code autoscaling/v1 Scale} as a window on an object's replica fields. */
final class Scales {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Scales() {}

    /** The Scale of an object in the served version. */
    static ObjectNode of(ObjectNode object, ServedType.ScalePaths paths) {
        var scale = NODES.objectNode().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        var metadata = scale.putObject("metadata");
        for (var field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            Meta.replace(metadata, field, object.path("metadata").get(field));
        }
        scale.putObject("spec").put("replicas", at(object, paths.specReplicas()).asInt(0));
        var status = scale.putObject("status");
        status.put("replicas", at(object, paths.statusReplicas()).asInt(0));
        var selector = selector(object, paths);
        if (!selector.isEmpty()) {
            status.put("selector", selector);
        }
        return scale;
    }

    /** A copy of the object with the replicas of the Scale, and its resourceVersion as a precondition. */
    static ObjectNode apply(ObjectNode object, ObjectNode scale, ServedType type, ServedType.ScalePaths paths) {
        check(object, scale, type);
        var result = object.deepCopy();
        put(result, paths.specReplicas(), scale.path("spec").path("replicas").asInt(0));
        var version = Meta.resourceVersion(scale);
        if (!version.isEmpty()) {
            Meta.of(result).put("resourceVersion", version);
        }
        return result;
    }

    /** An applied Scale as a configuration of the object. */
    static ObjectNode configuration(ObjectNode object, ObjectNode scale, ServedType type, ServedType.ScalePaths paths) {
        check(object, scale, type);
        var result = NODES.objectNode()
                .put("apiVersion", type.gvk().apiVersion())
                .put("kind", type.gvk().kind());
        result.putObject("metadata").put("name", Meta.name(object));
        var version = Meta.resourceVersion(scale);
        if (!version.isEmpty()) {
            Meta.of(result).put("resourceVersion", version);
        }
        if (scale.path("spec").has("replicas")) {
            put(
                    result,
                    paths.specReplicas(),
                    scale.path("spec").path("replicas").asInt());
        }
        return result;
    }

    private static void put(ObjectNode object, String path, int value) {
        var parent = object;
        var parts = path.split("\\.");
        for (int i = 0; i < parts.length - 1; i++) {
            parent = parent.get(parts[i]) instanceof ObjectNode child ? child : parent.putObject(parts[i]);
        }
        parent.put(parts[parts.length - 1], value);
    }

    private static void check(ObjectNode object, ObjectNode scale, ServedType type) {
        var name = Meta.name(scale);
        if (!name.isEmpty() && !name.equals(Meta.name(object))) {
            throw ApiException.badRequest("the name of the object (%s) does not match the name on the URL (%s)"
                    .formatted(name, Meta.name(object)));
        }
        var replicas = scale.path("spec").path("replicas");
        var errors = new ArrayList<FieldError>();
        if (!replicas.isMissingNode() && !replicas.canConvertToInt()) {
            throw ApiException.badRequest(
                    "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal %s into Go struct field"
                                    .formatted(replicas.getNodeType())
                            + " ScaleSpec.spec.replicas of type int32");
        }
        if (replicas.asInt(0) < 0) {
            errors.add(FieldError.invalid("spec.replicas", replicas.asInt(), "must be greater than or equal to 0"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(
                    new GroupKind("autoscaling", "Scale"),
                    type.resource().resource() + "/" + Meta.name(object),
                    errors);
        }
    }

    private static String selector(ObjectNode object, ServedType.ScalePaths paths) {
        if (paths.selector().isEmpty()) {
            return "";
        }
        var selector = at(object, paths.selector());
        if (!(selector instanceof ObjectNode)) {
            return selector.asString("");
        }
        boolean structured = selector.has("matchLabels") || selector.has("matchExpressions");
        var terms = new ArrayList<String>();
        var labels = structured ? selector.path("matchLabels") : selector;
        for (var label : labels.properties()) {
            terms.add(label.getKey() + "=" + label.getValue().asString(""));
        }
        if (structured) {
            selector.path("matchExpressions").forEach(e -> terms.add(expression(e)));
        }
        terms.sort(String::compareTo);
        return String.join(",", terms);
    }

    private static String expression(JsonNode expression) {
        var key = expression.path("key").asString("");
        var values = new ArrayList<String>();
        expression.path("values").forEach(v -> values.add(v.asString("")));
        var list = "(" + String.join(",", values) + ")";
        return switch (expression.path("operator").asString("")) {
            case "In" -> key + " in " + list;
            case "NotIn" -> key + " notin " + list;
            case "DoesNotExist" -> "!" + key;
            default -> key;
        };
    }

    private static JsonNode at(JsonNode object, String path) {
        var node = object;
        for (var part : path.split("\\.")) {
            node = node.path(part);
        }
        return node;
    }
}
