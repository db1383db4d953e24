package dev.sampan.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.NullUnmarked;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes objects with every field set, in the form that Kubernetes gives them. */
@NullUnmarked // reads items of what is known to be a list
public final class SampleObjects {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private final Deque<String> open = new ArrayDeque<>();

    private SampleObjects() {}

    /** Every field that has a protobuf form; a definition inside itself stays empty. */
    public static ObjectNode populated(BuiltinCatalog catalog, GroupVersionKind kind) {
        var object = NODES.objectNode().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        new SampleObjects().fill(object, catalog.schema(kind).orElseThrow());
        return object;
    }

    private void fill(ObjectNode object, Schema schema) {
        var name = String.valueOf(schema.definition());
        if (open.contains(name)) {
            return;
        }
        open.push(name);
        schema.properties().forEach((property, field) -> {
            if (!field.protoPath().isEmpty()) {
                object.set(property, value(field, property));
            }
        });
        open.pop();
    }

    private JsonNode value(Schema field, String name) {
        return switch (field.form()) {
            case QUANTITY -> NODES.stringNode("1500m");
            case INT_OR_STRING -> name.length() % 2 == 0 ? NODES.numberNode(8080) : NODES.stringNode("25%");
            case TIME -> NODES.stringNode("2024-02-29T12:30:00Z");
            case MICRO_TIME -> NODES.stringNode("2024-02-29T12:30:00.123456Z");
            case DURATION -> NODES.stringNode("1h0m1.5s");
            case RAW_EXTENSION, FIELDS, JSON -> NODES.objectNode().put("any", 1);
            case SCHEMA_OR_BOOL -> NODES.booleanNode(true);
            case SCHEMA_OR_ARRAY -> NODES.objectNode().put("type", "string");
            case SCHEMA_OR_STRINGS -> NODES.arrayNode().add("a").add("b");
            case PLAIN -> plain(field, name);
        };
    }

    private JsonNode plain(Schema field, String name) {
        return switch (field.type()) {
            case STRING -> NODES.stringNode(field.format().equals("byte") ? "aGVsbG8=" : name);
            case INTEGER -> NODES.numberNode(name.length() % 3 == 0 ? -1 : name.length());
            case NUMBER -> NODES.numberNode(1.5);
            case BOOLEAN -> NODES.booleanNode(true);
            case ARRAY ->
                field.items().type() == Schema.Type.OBJECT
                        ? NODES.arrayNode().add(value(field.items(), name))
                        : NODES.arrayNode().add(value(field.items(), name)).add(value(field.items(), name + "1"));
            case OBJECT -> {
                var object = NODES.objectNode();
                if (field.additionalProperties() != null) {
                    object.set("k1", value(field.additionalProperties(), name));
                } else {
                    fill(object, field);
                }
                yield object;
            }
            case ANY -> NODES.objectNode();
        };
    }
}
