package dev.sampan.schema.codec;

import dev.sampan.schema.Form;
import dev.sampan.schema.Quantity;
import dev.sampan.schema.Schema;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON trees to protobuf messages. */
final class ProtoWriter {

    private final Protobuf types;

    ProtoWriter(Protobuf types) {
        this.types = types;
    }

    ProtoOutput message(JsonNode object, ProtoMessage message) {
        var out = new ProtoOutput();
        fields(object, message, out);
        return out;
    }

    /** Returns whether anything was written. */
    private boolean fields(JsonNode object, ProtoMessage message, ProtoOutput out) {
        var written = false;
        for (var entry : message.fields().entrySet()) {
            int number = entry.getKey();
            switch (entry.getValue()) {
                case ProtoMessage.Inlined inlined -> {
                    var inner = new ProtoOutput();
                    if (fields(object, inlined.message(), inner)) {
                        out.message(number, inner);
                        written = true;
                    }
                }
                case ProtoMessage.Property property -> {
                    var value = object.get(property.name());
                    if (value != null && !value.isNull()) {
                        property(number, value, property.schema(), out);
                        written = true;
                    }
                }
            }
        }
        return written;
    }

    private void property(int number, JsonNode value, Schema schema, ProtoOutput out) {
        var items = schema.items();
        var values = schema.additionalProperties();
        if (schema.form() == Form.PLAIN && items != null) {
            if (schema.protoWrapped()) {
                out.message(number, list(value, items));
            } else {
                value.forEach(item -> value(number, item, items, out));
            }
        } else if (schema.form() == Form.PLAIN && values != null) {
            var sorted = new TreeMap<String, JsonNode>();
            value.properties().forEach(e -> sorted.put(e.getKey(), e.getValue()));
            sorted.forEach((key, v) -> {
                var entry = new ProtoOutput();
                entry.string(1, key);
                if (values.items() != null) {
                    entry.message(2, list(v, values.items()));
                } else {
                    value(2, v, values, entry);
                }
                out.message(number, entry);
            });
        } else {
            value(number, value, schema, out);
        }
    }

    private ProtoOutput list(JsonNode list, Schema items) {
        var out = new ProtoOutput();
        list.forEach(item -> value(1, item, items, out));
        return out;
    }

    private void value(int number, JsonNode value, Schema schema, ProtoOutput out) {
        if (schema.form() != Form.PLAIN) {
            out.message(number, special(value, schema));
            return;
        }
        switch (schema.type()) {
            case STRING -> {
                if (schema.format().equals("byte")) {
                    out.bytes(number, base64(value.asString("")));
                } else {
                    out.string(number, value.asString(""));
                }
            }
            case INTEGER -> out.varint(number, value.asLong(0));
            case BOOLEAN -> out.varint(number, value.asBoolean(false) ? 1 : 0);
            case NUMBER -> out.fixed64(number, Double.doubleToLongBits(value.asDouble(0)));
            case OBJECT -> out.message(number, message(value, types.message(schema)));
            case ARRAY, ANY -> throw new IllegalStateException("no protobuf form for " + schema);
        }
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new DecodeException("illegal base64 data: " + e.getMessage(), e);
        }
    }

    private ProtoOutput special(JsonNode value, Schema schema) {
        var out = new ProtoOutput();
        switch (schema.form()) {
            case QUANTITY -> out.string(1, quantity(value));
            case INT_OR_STRING -> {
                out.varint(1, value.isString() ? 1 : 0);
                out.varint(2, value.isString() ? 0 : value.asLong(0));
                out.string(3, value.isString() ? value.stringValue() : "");
            }
            case TIME, MICRO_TIME -> time(value.asString(""), out);
            case DURATION -> out.varint(1, GoDuration.parse(value.asString("")));
            case RAW_EXTENSION, FIELDS, JSON -> out.bytes(1, Json.write(value));
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> schemaOr(value, schema, out);
            case PLAIN -> throw new IllegalStateException("plain form");
        }
        return out;
    }

    private static String quantity(JsonNode value) {
        try {
            return Quantity.parse(value.asString("")).toString();
        } catch (IllegalArgumentException malformed) {
            return value.asString("");
        }
    }

    private static void time(String text, ProtoOutput out) {
        try {
            var time = OffsetDateTime.parse(text).toInstant();
            out.varint(1, time.getEpochSecond());
            out.varint(2, time.getNano());
        } catch (DateTimeException e) {
            throw new DecodeException("not a time: " + text, e);
        }
    }

    private void schemaOr(JsonNode value, Schema schema, ProtoOutput out) {
        var one = schema.forValue(JsonNodeFactory.instance.objectNode());
        var isBool = schema.form() == Form.SCHEMA_OR_BOOL;
        if (isBool) {
            out.varint(1, value.isObject() || value.asBoolean(false) ? 1 : 0);
        }
        if (value instanceof ObjectNode) {
            out.message(isBool ? 2 : 1, message(value, types.message(one)));
        } else if (schema.form() == Form.SCHEMA_OR_ARRAY) {
            value.forEach(v -> out.message(2, message(v, types.message(one))));
        } else if (schema.form() == Form.SCHEMA_OR_STRINGS) {
            value.forEach(v -> out.string(2, v.asString("")));
        }
    }
}
