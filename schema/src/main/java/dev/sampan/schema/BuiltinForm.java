package dev.sampan.schema;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** How values of built-in kinds look after Kubernetes' types have read and written them. */
final class BuiltinForm {

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private BuiltinForm() {}

    /** Malformed values stay as they are; {@link TypeCheck} reports them. */
    static JsonNode canonical(JsonNode value, Schema schema) {
        if (value.isNull()) {
            return zero(schema);
        }
        return switch (schema.form()) {
            case QUANTITY -> quantity(value);
            case TIME -> time(value, SECONDS);
            case MICRO_TIME -> time(value, MICROS);
            default -> value;
        };
    }

    /** Whether the value is its type's zero, which Kubernetes leaves out. */
    static boolean isZero(JsonNode value) {
        return value.isString() && value.stringValue().isEmpty()
                || value.isNumber() && value.doubleValue() == 0
                || value.isBoolean() && !value.booleanValue();
    }

    /** What null in a list or map becomes. */
    private static JsonNode zero(Schema schema) {
        return switch (schema.type()) {
            case STRING -> schema.form() == Form.QUANTITY ? NODES.stringNode("0") : NODES.stringNode("");
            case OBJECT -> NODES.objectNode();
            case ARRAY, ANY -> NODES.nullNode();
            case INTEGER, NUMBER -> NODES.numberNode(0);
            case BOOLEAN -> NODES.booleanNode(false);
        };
    }

    private static JsonNode quantity(JsonNode value) {
        try {
            return NODES.stringNode(Quantity.parse(value.asString("")).toString());
        } catch (IllegalArgumentException malformed) {
            return value;
        }
    }

    private static JsonNode time(JsonNode value, DateTimeFormatter format) {
        if (!value.isString()) {
            return value;
        }
        try {
            var utc = OffsetDateTime.parse(value.stringValue()).withOffsetSameInstant(ZoneOffset.UTC);
            return NODES.stringNode(utc.format(format));
        } catch (DateTimeException malformed) {
            return value;
        }
    }
}
