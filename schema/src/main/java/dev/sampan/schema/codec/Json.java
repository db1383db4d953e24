package dev.sampan.schema.codec;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** JSON as the API server reads and writes it. */
public final class Json {

    /** Deeper than any real object, shallow enough for the stack. */
    private static final int MAX_DEPTH = 1000;

    /** Without an object mapper, which would take a tenth of a second of a cold start to make. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(64 << 20)
                    .maxNameLength(1 << 20)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(2 * MAX_DEPTH)
                    .build())
            .build();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Json() {}

    /**
     * Reads one JSON value. Numbers without a fraction become integers, as they do in Go's decoder.
     *
     * @throws DecodeException when the bytes are not one JSON value
     */
    public static Decoded read(byte[] bytes) {
        return read(bytes, 0, bytes.length);
    }

    /** As {@link #read(byte[])}, of a part of {@code bytes}. */
    public static Decoded read(byte[] bytes, int offset, int length) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
            if (parser.nextToken() == null) {
                throw new DecodeException("unexpected end of JSON input");
            }
            var duplicates = new ArrayList<String>();
            var tree = value(parser, null, duplicates);
            if (parser.nextToken() != null) {
                throw new DecodeException("invalid character after top-level value");
            }
            return new Decoded(tree, List.copyOf(duplicates));
        } catch (UnexpectedEndOfInputException e) {
            throw new DecodeException("unexpected end of JSON input", e);
        } catch (JacksonException e) {
            throw new DecodeException("invalid JSON at " + position(e) + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String position(JacksonException e) {
        var at = e.getLocation();
        return at == null ? "unknown position" : "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private static JsonNode value(JsonParser parser, @Nullable Path path, List<String> duplicates) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path, duplicates);
            case START_ARRAY -> {
                var array = NODES.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser, new Path(path, "", array.size()), duplicates));
                }
                yield array;
            }
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> decimal(parser.getDoubleValue());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                throw new DecodeException("unexpected token " + parser.currentToken());
        };
    }

    private static JsonNode object(JsonParser parser, @Nullable Path path, List<String> duplicates) {
        var object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = parser.currentName();
            var here = new Path(path, name, -1);
            parser.nextToken();
            if (object.has(name)) {
                duplicates.add("duplicate field \"" + here + '"');
            }
            object.set(name, value(parser, here, duplicates));
        }
        return object;
    }

    private static JsonNode integer(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> number(parser.getLongValue());
            default -> NODES.numberNode(parser.getDoubleValue());
        };
    }

    static JsonNode decimal(double number) {
        if (number == Math.rint(number) && Math.abs(number) < 1L << 53) {
            return number((long) number);
        }
        return NODES.numberNode(number);
    }

    /** Equal numbers are equal nodes: the smallest of int and long that holds it. */
    static JsonNode number(long number) {
        return number == (int) number ? NODES.numberNode((int) number) : NODES.numberNode(number);
    }

    /** Canonical bytes: UTF-8, no white space, keys in the tree's order. */
    public static byte[] write(JsonNode tree) {
        var out = new ByteArrayOutputStream(512);
        try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
            write(tree, generator);
        }
        return out.toByteArray();
    }

    private static void write(JsonNode node, JsonGenerator out) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                out.writeStartObject();
                for (var entry : node.properties()) {
                    out.writeName(entry.getKey());
                    write(entry.getValue(), out);
                }
                out.writeEndObject();
            }
            case ARRAY -> {
                out.writeStartArray();
                for (var item : node) {
                    write(item, out);
                }
                out.writeEndArray();
            }
            case STRING -> out.writeString(node.stringValue());
            case BOOLEAN -> out.writeBoolean(node.booleanValue());
            case NUMBER -> number(node, out);
            case BINARY, MISSING, NULL, POJO -> out.writeNull();
        }
    }

    private static void number(JsonNode node, JsonGenerator out) {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            out.writeNumber(node.longValue());
        } else if (node.isBigInteger()) {
            out.writeNumber(node.bigIntegerValue());
        } else if (node.isBigDecimal()) {
            out.writeNumber(node.decimalValue());
        } else {
            out.writeNumber(node.doubleValue());
        }
    }

    /** Where the reader is; turned into text only when something is to be reported. */
    record Path(@Nullable Path parent, String name, int index) {

        @Override
        public String toString() {
            var out = new StringBuilder();
            write(out);
            return out.toString();
        }

        private void write(StringBuilder out) {
            if (parent != null) {
                parent.write(out);
            }
            if (index >= 0) {
                out.append('[').append(index).append(']');
            } else {
                out.append(out.isEmpty() ? "" : ".").append(name);
            }
        }
    }
}
