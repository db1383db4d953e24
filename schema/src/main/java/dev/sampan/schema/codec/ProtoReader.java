package dev.sampan.schema.codec;

import dev.sampan.schema.Form;
import dev.sampan.schema.Schema;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Protobuf messages to JSON trees. */
final class ProtoReader {

    private static final int MAX_DEPTH = 500;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Protobuf types;

    ProtoReader(Protobuf types) {
        this.types = types;
    }

    void message(ProtoInput in, ProtoMessage message, Schema schema, ObjectNode into, int depth) {
        if (depth > MAX_DEPTH) {
            throw new DecodeException("protobuf nested deeper than " + MAX_DEPTH);
        }
        while (in.hasMore()) {
            var tag = in.tag();
            var wire = tag & 7;
            switch (message.field(tag >>> 3)) {
                case null -> in.skip(wire);
                case ProtoMessage.Inlined inlined -> message(in.message(), inlined.message(), schema, into, depth + 1);
                case ProtoMessage.Property property -> {
                    var keepZero =
                            property.schema().keepsZero() || schema.required().contains(property.name());
                    property(in, wire, property, into, depth, keepZero);
                }
            }
        }
    }

    private void property(
            ProtoInput in, int wire, ProtoMessage.Property property, ObjectNode into, int depth, boolean keepZero) {
        var name = property.name();
        var field = property.schema();
        var items = field.items();
        var values = field.additionalProperties();
        if (field.form() == Form.PLAIN && items != null) {
            list(in, wire, items, into.withArray(name), field.protoWrapped(), depth);
        } else if (field.form() == Form.PLAIN && values != null) {
            var map = into.get(name) instanceof ObjectNode known ? known : into.putObject(name);
            entry(in.message(), values, map, field.protoWrapped(), depth);
        } else {
            var value = value(in, wire, field, depth);
            if (value != null && (keepZero || field.form() != Form.PLAIN || !isZero(value))) {
                into.set(name, value);
            }
        }
    }

    private static boolean isZero(JsonNode value) {
        return value.isString() && value.stringValue().isEmpty()
                || value.isNumber() && value.doubleValue() == 0
                || value.isBoolean() && !value.booleanValue();
    }

    private void list(ProtoInput in, int wire, Schema items, ArrayNode into, boolean wrapped, int depth) {
        if (wrapped) {
            var wrapper = in.message();
            while (wrapper.hasMore()) {
                list(wrapper, wrapper.tag() & 7, items, into, false, depth);
            }
            return;
        }
        var scalar = items.type() == Schema.Type.INTEGER || items.type() == Schema.Type.BOOLEAN;
        if (scalar && wire == ProtoInput.BYTES) {
            var packed = in.message();
            while (packed.hasMore()) {
                add(into, value(packed, ProtoInput.VARINT, items, depth));
            }
            return;
        }
        add(into, value(in, wire, items, depth));
    }

    private static void add(ArrayNode into, @Nullable JsonNode value) {
        into.add(value == null ? NODES.nullNode() : value);
    }

    private void entry(ProtoInput in, Schema values, ObjectNode into, boolean wrapped, int depth) {
        var key = "";
        JsonNode value = null;
        while (in.hasMore()) {
            var tag = in.tag();
            if (tag >>> 3 == 1) {
                key = in.string();
            } else if (tag >>> 3 == 2 && values.items() != null) {
                var list = NODES.arrayNode();
                list(in, tag & 7, values.items(), list, wrapped, depth);
                value = list;
            } else if (tag >>> 3 == 2) {
                value = value(in, tag & 7, values, depth);
            } else {
                in.skip(tag & 7);
            }
        }
        into.set(key, value == null ? absent(values) : value);
    }

    private static JsonNode absent(Schema values) {
        return values.items() != null ? NODES.arrayNode() : NODES.stringNode("");
    }

    private @Nullable JsonNode value(ProtoInput in, int wire, Schema schema, int depth) {
        if (schema.form() != Form.PLAIN) {
            return special(in.message(), schema, depth);
        }
        return switch (schema.type()) {
            case STRING ->
                NODES.stringNode(
                        schema.format().equals("byte")
                                ? Base64.getEncoder()
                                        .encodeToString(in.message().rest())
                                : in.string());
            case INTEGER -> Json.number(in.varint());
            case BOOLEAN -> NODES.booleanNode(in.varint() != 0);
            case NUMBER -> Json.decimal(Double.longBitsToDouble(in.fixed64()));
            case OBJECT -> {
                var object = NODES.objectNode();
                message(in.message(), types.message(schema), schema, object, depth + 1);
                yield object;
            }
            case ARRAY, ANY -> {
                in.skip(wire);
                yield null;
            }
        };
    }

    private @Nullable JsonNode special(ProtoInput in, Schema schema, int depth) {
        return switch (schema.form()) {
            case QUANTITY -> {
                var text = firstString(in);
                yield NODES.stringNode(text.isEmpty() ? "0" : text);
            }
            case INT_OR_STRING -> intOrString(in);
            case TIME -> time(in, SECONDS);
            case MICRO_TIME -> time(in, MICROS);
            case DURATION -> NODES.stringNode(GoDuration.format(firstVarint(in)));
            case RAW_EXTENSION, FIELDS, JSON -> raw(in);
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> schemaOr(in, schema, depth);
            case PLAIN -> throw new IllegalStateException("plain form");
        };
    }

    private static String firstString(ProtoInput in) {
        var text = "";
        while (in.hasMore()) {
            var tag = in.tag();
            if (tag >>> 3 == 1) {
                text = in.string();
            } else {
                in.skip(tag & 7);
            }
        }
        return text;
    }

    private static long firstVarint(ProtoInput in) {
        long value = 0;
        while (in.hasMore()) {
            var tag = in.tag();
            if (tag >>> 3 == 1) {
                value = in.varint();
            } else {
                in.skip(tag & 7);
            }
        }
        return value;
    }

    private static JsonNode intOrString(ProtoInput in) {
        long type = 0;
        long number = 0;
        var text = "";
        while (in.hasMore()) {
            var tag = in.tag();
            switch (tag >>> 3) {
                case 1 -> type = in.varint();
                case 2 -> number = in.varint();
                case 3 -> text = in.string();
                default -> in.skip(tag & 7);
            }
        }
        return type == 0 ? Json.number(number) : NODES.stringNode(text);
    }

    /** The zero time is an empty message, and null in JSON. */
    private static @Nullable JsonNode time(ProtoInput in, DateTimeFormatter format) {
        if (!in.hasMore()) {
            return null;
        }
        long seconds = 0;
        long nanos = 0;
        while (in.hasMore()) {
            var tag = in.tag();
            switch (tag >>> 3) {
                case 1 -> seconds = in.varint();
                case 2 -> nanos = in.varint();
                default -> in.skip(tag & 7);
            }
        }
        if (Math.abs(seconds) > 253_402_300_799L || nanos < 0 || nanos > 999_999_999) {
            throw new DecodeException("time out of range: " + seconds + "s " + nanos + "ns");
        }
        return NODES.stringNode(
                Instant.ofEpochSecond(seconds, nanos).atOffset(ZoneOffset.UTC).format(format));
    }

    private @Nullable JsonNode raw(ProtoInput in) {
        byte[] bytes = {};
        while (in.hasMore()) {
            var tag = in.tag();
            if (tag >>> 3 == 1) {
                bytes = in.message().rest();
            } else {
                in.skip(tag & 7);
            }
        }
        if (bytes.length == 0) {
            return null;
        }
        return Protobuf.isEnvelope(bytes) ? types.read(bytes) : Json.read(bytes).tree();
    }

    /** {@code JSONSchemaPropsOr…}: field 1 and 2 are the alternatives. */
    private JsonNode schemaOr(ProtoInput in, Schema schema, int depth) {
        JsonNode result = NODES.booleanNode(false);
        var list = NODES.arrayNode();
        var one = schema.forValue(NODES.objectNode());
        while (in.hasMore()) {
            var tag = in.tag();
            var isSchema = schema.form() == Form.SCHEMA_OR_BOOL ? tag >>> 3 == 2 : tag >>> 3 == 1;
            if (isSchema) {
                var object = NODES.objectNode();
                message(in.message(), types.message(one), one, object, depth + 1);
                result = object;
            } else if (schema.form() == Form.SCHEMA_OR_BOOL && tag >>> 3 == 1) {
                var allows = in.varint() != 0;
                result = result.isObject() ? result : NODES.booleanNode(allows);
            } else if (schema.form() == Form.SCHEMA_OR_ARRAY && tag >>> 3 == 2) {
                var object = NODES.objectNode();
                message(in.message(), types.message(one), one, object, depth + 1);
                list.add(object);
                result = list;
            } else if (tag >>> 3 == 2) {
                list.add(in.string());
                result = list;
            } else {
                in.skip(tag & 7);
            }
        }
        return result;
    }
}
