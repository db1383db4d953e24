package dev.sampan.apiserver;

import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Values that servers stumble over, and the ways in which requests break; all from the given source of chance. */
final class FuzzedValues {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MAX_DEPTH = 7;

    static final List<String> STRINGS = List.of(
            "",
            "a",
            "m",
            "default",
            "10",
            "-1",
            "1.5",
            "1Gi",
            "5m",
            "10%",
            "-0",
            "1e400",
            "99999999999999999999",
            "true",
            "2026-01-01T00:00:00Z",
            "not a date",
            "*",
            "..",
            "../x",
            "a/b",
            "a.b/c",
            "A_B",
            "\u0000",
            "\ud83d\ude00",
            "127.0.0.1",
            "10.0.0.0/8",
            "::1",
            "fe80::/300",
            "http",
            "TCP",
            "Always",
            "Exists",
            "In",
            "=",
            "a=b,c in (d",
            "self.x > 1",
            "[1,2].all(x, x > 0)",
            "{.a[?(@.b==1)]}",
            "*/5 * * * *",
            "CREATE",
            "v1",
            "apps/v1",
            "/",
            "{",
            "$(A)",
            "x".repeat(300));

    static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "65536",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "1.5",
            "-0.0",
            "1e308",
            "1e-400");

    private static final List<String> DIRECTIVES = List.of(
            "$patch",
            "$retainKeys",
            "$deleteFromPrimitiveList/finalizers",
            "$setElementOrder/containers",
            "f:metadata",
            "k:{}");

    private FuzzedValues() {}

    static <T> T one(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    static String scalarText(Random random) {
        return random.nextBoolean() ? one(STRINGS, random) : one(NUMBERS, random);
    }

    static byte[] broken(byte[] bytes, Random random) {
        var result = random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes.clone();
        for (int i = random.nextInt(4); i > 0 && result.length > 0; i--) {
            result[random.nextInt(result.length)] = (byte) random.nextInt();
        }
        return random.nextInt(20) == 0 ? "[".repeat(200_000).getBytes(StandardCharsets.US_ASCII) : result;
    }

    /** A value that fits the schema more often than not: what fits gets further. */
    static JsonNode value(Schema schema, int depth, Random random) {
        if (random.nextInt(60) == 0 || depth > MAX_DEPTH) {
            return scalar(random);
        }
        return switch (schema.type()) {
            case OBJECT -> {
                var object = NODES.objectNode();
                schema.properties().forEach((name, property) -> {
                    if (random.nextInt(depth < 2 ? 2 : 4) == 0
                            || schema.required().contains(name)) {
                        object.set(name, value(property, depth + 1, random));
                    }
                });
                var more = schema.additionalProperties();
                if (more != null) {
                    object.set(one(STRINGS, random), value(more, depth + 1, random));
                }
                if (random.nextInt(30) == 0) {
                    object.set(one(DIRECTIVES, random), scalar(random));
                }
                yield object;
            }
            case ARRAY -> {
                var array = NODES.arrayNode();
                var items = schema.items();
                for (int i = random.nextInt(3); i > 0 && items != null; i--) {
                    array.add(value(items, depth + 1, random));
                }
                yield array;
            }
            case INTEGER, NUMBER ->
                Json.read(one(NUMBERS, random).getBytes(StandardCharsets.US_ASCII))
                        .tree();
            case BOOLEAN -> NODES.booleanNode(random.nextBoolean());
            default ->
                schema.enumValues().isEmpty()
                        ? NODES.stringNode(one(STRINGS, random))
                        : one(List.copyOf(schema.enumValues()), random);
        };
    }

    static JsonNode scalar(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(true);
            case 2 -> NODES.objectNode();
            case 3 -> NODES.arrayNode().addNull();
            case 4 -> NODES.numberNode(random.nextLong());
            default -> NODES.stringNode(one(STRINGS, random));
        };
    }

    static ArrayNode operations(Random random) {
        var operations = NODES.arrayNode();
        var names = new ArrayList<>(List.of("add", "remove", "replace", "move", "copy", "test", "none"));
        for (int i = random.nextInt(5); i >= 0; i--) {
            var operation = operations.addObject().put("op", one(names, random)).put("path", pointer(random));
            if (random.nextBoolean()) {
                operation.set("value", scalar(random));
            }
            if (random.nextBoolean()) {
                operation.put("from", pointer(random));
            }
        }
        return operations;
    }

    private static String pointer(Random random) {
        return one(
                List.of(
                        "",
                        "/",
                        "/metadata",
                        "/metadata/labels",
                        "/metadata/labels/a",
                        "/spec",
                        "/spec/-",
                        "/data/a~1b",
                        "/metadata/name",
                        "/kind",
                        "/metadata/finalizers/0",
                        "/metadata/finalizers/-1",
                        "spec",
                        "/~"),
                random);
    }
}
