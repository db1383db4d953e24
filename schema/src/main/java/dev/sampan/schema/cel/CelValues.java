package dev.sampan.schema.cel;

import com.google.protobuf.NullValue;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.GoDuration;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** JSON as the values that CEL's runtime computes with, fields escaped, as their schema types them. */
final class CelValues {

    private CelValues() {}

    static Object of(JsonNode value, @Nullable Schema schema) {
        return switch (value.getNodeType()) {
            case OBJECT -> {
                var map = new HashMap<String, Object>();
                var isMap =
                        schema == null || schema.isMap() || schema.properties().isEmpty();
                for (var entry : value.properties()) {
                    var field = schema == null ? null : schema.field(entry.getKey());
                    var name = isMap ? java.util.Optional.of(entry.getKey()) : CelNames.escape(entry.getKey());
                    name.ifPresent(n -> map.put(n, of(entry.getValue(), field)));
                }
                yield map;
            }
            case ARRAY -> {
                var list = new ArrayList<Object>();
                var items = schema == null ? null : schema.items();
                value.forEach(item -> list.add(of(item, items)));
                yield list;
            }
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> number(value, schema);
            case STRING -> string(value.stringValue(), schema);
            default -> NullValue.NULL_VALUE;
        };
    }

    private static Object number(JsonNode value, @Nullable Schema schema) {
        if (schema != null && schema.type() == Schema.Type.NUMBER) {
            return value.doubleValue();
        }
        return value.isIntegralNumber() ? (Object) value.longValue() : value.doubleValue();
    }

    private static Object string(String text, @Nullable Schema schema) {
        if (schema == null) {
            return text;
        }
        try {
            return switch (schema.format()) {
                case "byte" ->
                    dev.cel.common.values.CelByteString.of(Base64.getDecoder().decode(text));
                case "date-time" -> OffsetDateTime.parse(text).toInstant();
                case "date" ->
                    LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
                case "duration" -> Duration.ofNanos(GoDuration.parse(text));
                default -> text;
            };
        } catch (DateTimeException | IllegalArgumentException malformed) {
            return text; // structural validation has said so already
        }
    }

    /** For messages: what a rule's message expression gave. */
    static String text(Object value) {
        return switch (value) {
            case String s -> s;
            case byte[] b -> new String(b, StandardCharsets.UTF_8);
            case Instant i -> i.toString();
            case Duration d -> d.toString();
            default -> String.valueOf(value);
        };
    }
}
