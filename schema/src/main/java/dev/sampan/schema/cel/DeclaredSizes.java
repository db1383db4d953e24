package dev.sampan.schema.cel;

import dev.sampan.schema.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How large the values of a schema can be: what {@code maxItems}, {@code maxProperties}, {@code maxLength} and {@code enum}
 * say, and where they say nothing what fits into the largest request. The numbers are Kubernetes' (apiserver's {@code cel}).
 */
final class DeclaredSizes {

    static final long MAX_REQUEST_BYTES = 3 * 1024 * 1024;
    /** A code point has at most so many bytes. */
    private static final int BYTES_PER_CHARACTER = 4;

    private DeclaredSizes() {}

    /** Items of a list, entries of a map, bytes of a string; 0 for everything else. */
    static long maxElements(Schema schema) {
        if (schema.intOrString()) {
            return maxLength(schema);
        }
        return switch (schema.type()) {
            case ARRAY -> {
                var bounds = schema.bounds();
                var max = bounds == null ? null : bounds.maxItems();
                yield max != null ? max : (MAX_REQUEST_BYTES - 2) / (minSize(schema.items()) + 1);
            }
            case OBJECT -> schema.isMap() ? maxProperties(schema) : 0;
            case STRING -> maxLength(schema);
            case INTEGER, NUMBER, BOOLEAN, ANY -> 0;
        };
    }

    private static long maxProperties(Schema schema) {
        var bounds = schema.bounds();
        if (bounds != null && bounds.maxProperties() != null) {
            return bounds.maxProperties();
        }
        int quotesColonAndComma = 6;
        return (MAX_REQUEST_BYTES - 2) / (minSize(schema.additionalProperties()) + quotesColonAndComma);
    }

    private static long maxLength(Schema schema) {
        switch (schema.format()) {
            case "duration", "date-time":
                return 32;
            case "date":
                return 12;
            default:
        }
        var bounds = schema.bounds();
        if (bounds != null && bounds.maxLength() != null) {
            return schema.format().equals("byte") ? bounds.maxLength() : bounds.maxLength() * BYTES_PER_CHARACTER;
        }
        if (!schema.enumValues().isEmpty() && !schema.intOrString()) {
            return schema.enumValues().stream()
                    .mapToLong(v -> v.asString("").length())
                    .max()
                    .orElse(0);
        }
        return MAX_REQUEST_BYTES - 2;
    }

    /** The least number of bytes that a value takes as JSON. */
    static long minSize(@Nullable Schema schema) {
        if (schema == null || schema.intOrString()) {
            return 1;
        }
        return switch (schema.type()) {
            case ARRAY -> 2;
            case OBJECT -> schema.isMap() ? 2 : minObjectSize(schema);
            case STRING ->
                switch (schema.format()) {
                    case "duration" -> 3;
                    case "date" -> 12;
                    case "date-time" -> 21;
                    default -> 2;
                };
            case BOOLEAN -> 4;
            case INTEGER, NUMBER, ANY -> 1;
        };
    }

    private static long minObjectSize(Schema schema) {
        long size = 2;
        for (var name : schema.required()) {
            var property = schema.properties().get(name);
            if (property != null && property.defaultValue() == null) {
                size += name.length() + minSize(property) + 4;
            }
        }
        return size;
    }

    /** How often a value of this schema fits into one request. */
    static long mostOccurrences(Schema schema) {
        return MAX_REQUEST_BYTES / (minSize(schema) + 1);
    }
}
