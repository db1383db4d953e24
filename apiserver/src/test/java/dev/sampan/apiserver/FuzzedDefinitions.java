package dev.sampan.apiserver;

import static dev.sampan.apiserver.FuzzedValues.one;
import static dev.sampan.apiserver.FuzzedValues.scalar;

import dev.sampan.schema.Schema;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Definitions of custom resources with every feature that schemas have, most of them well-formed. */
final class FuzzedDefinitions {

    private static final String GROUP = "fuzz.example.com";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MAX_DEPTH = 4;
    private static final List<String> NAMES = List.of("a", "b", "c", "status", "metadata", "x-y", "if", "__a");
    private static final List<String> PATTERNS = List.of("^a", "(a+)+$", "\\d{1000}", "(x{100}){10}", ".*", "\\p{L}+");
    private static final List<String> NO_PATTERNS = List.of("[", "(?=a)", "x{2000}", "\\p{No}(", "*");
    private static final List<String> FORMATS =
            List.of("date-time", "int32", "int64", "byte", "ipv4", "uuid", "email", "duration", "unknown", "cidr");
    private static final List<String> PATHS = List.of(".spec.a", ".status.b", ".metadata.name", ".spec.a[0]");
    private static final List<String> NO_PATHS = List.of(".status", "", ".spec['a']", "spec", "..", ".a", "{.a}");

    private final Random random;

    /** Whether it may be malformed. */
    private final boolean wild;

    private FuzzedDefinitions(long seed) {
        random = new Random(seed);
        wild = random.nextInt(3) == 0;
    }

    /** A definition of the kind {@code Fuzz<seed>}. */
    static ObjectNode of(long seed) {
        return new FuzzedDefinitions(seed).definition(seed);
    }

    private ObjectNode definition(long seed) {
        var name = "fuzz" + seed;
        var definition =
                NODES.objectNode().put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
        definition.putObject("metadata").put("name", name + "s." + GROUP);
        var spec = definition.putObject("spec").put("group", GROUP).put("scope", "Cluster");
        spec.putObject("names").put("plural", name + "s").put("kind", "Fuzz" + seed);
        if (random.nextInt(20) == 0) {
            spec.put("preserveUnknownFields", random.nextBoolean());
        }
        var versions = spec.putArray("versions");
        version(versions.addObject().put("name", "v1").put("storage", true));
        if (random.nextInt(3) == 0) {
            version(versions.addObject().put("name", "v2").put("storage", false));
        }
        return definition;
    }

    /** The objects of its first version. */
    static FuzzedRequests.Target target(ObjectNode definition) {
        var version = definition.at("/spec/versions/0");
        var names = definition.at("/spec/names");
        return new FuzzedRequests.Target(
                GROUP + "/" + version.path("name").asString(),
                names.path("kind").asString(),
                Schema.ofCrd(version.at("/schema/openAPIV3Schema")),
                "/apis/" + GROUP + "/v1/" + names.path("plural").asString(),
                List.of("status", "scale"));
    }

    private void version(ObjectNode version) {
        version.put("served", random.nextInt(10) > 0);
        var root = NODES.objectNode().put("type", "object");
        var properties = root.putObject("properties");
        for (var part : List.of("spec", "status")) {
            properties.set(part, schema("object", 0));
        }
        root.putArray("x-kubernetes-validations")
                .addObject()
                .put("rule", wild ? FuzzedRules.rule(random) : "has(self.spec) || has(oldSelf.status)");
        version.putObject("schema").set("openAPIV3Schema", root);
        if (random.nextInt(3) == 0) {
            var subresources = version.putObject("subresources");
            subresources.putObject("status");
            if (random.nextInt(3) == 0) {
                subresources.putObject("scale").put("specReplicasPath", path()).put("statusReplicasPath", path());
            }
        }
        if (random.nextInt(3) == 0) {
            version.putArray("additionalPrinterColumns")
                    .addObject()
                    .put("name", "A")
                    .put("type", one(List.of("string", "integer", "date", "boolean", "number"), random))
                    .put("jsonPath", path());
        }
        if (wild && random.nextInt(6) == 0) {
            version.putArray("selectableFields").addObject().put("jsonPath", path());
        }
    }

    private ObjectNode schema(int depth) {
        var scalars = List.of("string", "integer", "number", "boolean", "string", "integer");
        var all = List.of("string", "integer", "number", "boolean", "object", "array");
        return schema(one(depth < MAX_DEPTH ? all : scalars, random), depth);
    }

    private ObjectNode schema(String type, int depth) {
        var schema = NODES.objectNode().put("type", type);
        switch (type) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "string" -> string(schema);
            default -> number(schema);
        }
        if (random.nextInt(8) == 0) {
            schema.put("nullable", true);
        }
        if (random.nextInt(8) == 0) {
            schema.set("default", defaulted(type));
        }
        if (random.nextInt(15) == 0) {
            junctors(schema);
        }
        if (random.nextInt(5) == 0) {
            rules(schema);
        }
        if (wild && random.nextInt(40) == 0) {
            schema.set(one(List.copyOf(schema.propertyNames()), random), scalar(random));
        }
        return schema;
    }

    private void object(ObjectNode schema, int depth) {
        if (random.nextInt(6) == 0) {
            schema.set("additionalProperties", schema(depth + 1));
            schema.put("maxProperties", random.nextInt(10));
        } else {
            var properties = schema.putObject("properties");
            for (int i = random.nextInt(5); i >= 0; i--) {
                properties.set(one(NAMES, random), schema(depth + 1));
            }
            if (random.nextInt(4) == 0) {
                schema.putArray("required").add(one(List.copyOf(properties.propertyNames()), random));
            }
        }
        if (random.nextInt(15) == 0) {
            schema.put("x-kubernetes-preserve-unknown-fields", true);
            if (random.nextInt(3) == 0) {
                schema.put("x-kubernetes-embedded-resource", true);
            }
        }
        if (random.nextInt(10) == 0) {
            schema.put("x-kubernetes-map-type", one(List.of("atomic", "granular"), random));
        }
    }

    private void array(ObjectNode schema, int depth) {
        schema.put("maxItems", random.nextInt(6));
        if (random.nextInt(4) == 0) {
            var items = NODES.objectNode().put("type", "object");
            items.putObject("properties").set("k", schema("string", MAX_DEPTH));
            items.putArray("required").add("k");
            schema.set("items", items);
            schema.put("x-kubernetes-list-type", "map")
                    .putArray("x-kubernetes-list-map-keys")
                    .add("k");
        } else {
            schema.set("items", schema(depth + 1));
            if (random.nextInt(3) == 0) {
                schema.put("x-kubernetes-list-type", one(List.of("set", "atomic"), random));
            }
        }
    }

    private void string(ObjectNode schema) {
        schema.put("maxLength", 1 + random.nextInt(8));
        switch (random.nextInt(6)) {
            case 0 -> schema.put("pattern", pattern());
            case 1 -> schema.put("format", one(FORMATS, random));
            case 2 -> schema.putArray("enum").add("a").add("b");
            case 3 -> schema.put("x-kubernetes-int-or-string", true).remove("type");
            default -> schema.put("minLength", random.nextInt(3));
        }
    }

    private void number(ObjectNode schema) {
        switch (random.nextInt(4)) {
            case 0 -> schema.put("minimum", random.nextInt(10)).put("exclusiveMinimum", random.nextBoolean());
            case 1 -> schema.put("multipleOf", random.nextInt(4) * 0.1);
            case 2 -> schema.put("format", one(FORMATS, random));
            default -> {}
        }
    }

    private JsonNode defaulted(String type) {
        return switch (type) {
            case "object" -> NODES.objectNode();
            case "array" -> NODES.arrayNode();
            case "string" -> NODES.stringNode("a");
            case "boolean" -> NODES.booleanNode(true);
            default -> wild ? scalar(random) : NODES.numberNode(2);
        };
    }

    private String pattern() {
        return one(wild ? NO_PATTERNS : PATTERNS, random);
    }

    private String path() {
        return one(wild ? NO_PATHS : PATHS, random);
    }

    private void junctors(ObjectNode schema) {
        var alternative = NODES.objectNode();
        if (random.nextBoolean()) {
            alternative.putArray("required").add("a");
        } else {
            alternative.put("pattern", pattern());
        }
        switch (random.nextInt(3)) {
            case 0 -> schema.set("not", alternative);
            case 1 -> schema.putArray("anyOf").add(alternative).add(NODES.objectNode());
            default -> schema.putArray("oneOf").add(alternative);
        }
    }

    private void rules(ObjectNode schema) {
        var rules = schema.putArray("x-kubernetes-validations");
        for (int i = random.nextInt(2); i >= 0; i--) {
            var rule =
                    rules.addObject().put("rule", wild ? FuzzedRules.rule(random) : FuzzedRules.about(schema, random));
            switch (random.nextInt(5)) {
                case 0 ->
                    rule.put(
                            "messageExpression",
                            wild ? FuzzedRules.value(random) : "[0].map(x, 1 / x) == [1] ? 'a' : 'b'");
                case 1 -> rule.put("fieldPath", wild ? path() : "");
                default -> rule.put("message", "m");
            }
        }
    }
}
