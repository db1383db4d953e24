package dev.sampan.schema.openapi;

import dev.sampan.schema.codec.ProtoOutput;
import dev.sampan.schema.codec.Yaml;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What both protobuf forms of OpenAPI documents in github.com/google/gnostic-models are made of. */
final class Gnostic {

    private Gnostic() {}

    /** An entry of what is a map in JSON. */
    static ProtoOutput named(String name, ProtoOutput value) {
        var out = new ProtoOutput();
        out.string(1, name);
        out.message(2, value);
        return out;
    }

    /** A message that has but one field, as each alternative of a {@code oneof} is. */
    static ProtoOutput wrapped(int number, ProtoOutput value) {
        var out = new ProtoOutput();
        out.message(number, value);
        return out;
    }

    static ProtoOutput any(JsonNode value) {
        var out = new ProtoOutput();
        out.bytes(2, Yaml.write(value));
        return out;
    }

    static void extensions(JsonNode object, int number, ProtoOutput out) {
        for (var entry : object.properties()) {
            if (entry.getKey().startsWith("x-")) {
                out.message(number, named(entry.getKey(), any(entry.getValue())));
            }
        }
    }

    static void strings(JsonNode array, int number, ProtoOutput out) {
        array.forEach(s -> out.string(number, s.asString("")));
    }

    static void string(JsonNode object, String field, int number, ProtoOutput out) {
        if (object.has(field)) {
            out.string(number, object.get(field).asString(""));
        }
    }

    /** Those of the fields that the object has, by ascending number. */
    static void integers(JsonNode object, Map<String, Integer> fields, ProtoOutput out) {
        present(object, fields, (value, number) -> out.varint(number, value.asLong(0)));
    }

    /** As {@link #integers}; what is false is not written, as everywhere in proto3. */
    static void booleans(JsonNode object, Map<String, Integer> fields, ProtoOutput out) {
        present(object, fields, (value, number) -> {
            if (value.asBoolean(false)) {
                out.varint(number, 1);
            }
        });
    }

    static void doubles(JsonNode object, Map<String, Integer> fields, ProtoOutput out) {
        present(object, fields, (value, number) -> out.fixed64(number, Double.doubleToRawLongBits(value.asDouble(0))));
    }

    /** Calls for each of the fields that the object has, by ascending number. */
    static void present(JsonNode object, Map<String, Integer> fields, FieldWriter writer) {
        fields.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(field -> {
            if (object.has(field.getKey())) {
                writer.write(object.get(field.getKey()), field.getValue());
            }
        });
    }

    /** Writes a value as the field of a number. */
    interface FieldWriter {
        void write(JsonNode value, int number);
    }
}
