package dev.sampan.operators.generator;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes structural schemas of the CustomResourceDefinitions in a folder: each {@code $ref} to a built-in definition becomes that
 * definition's structure, without descriptions, so that a CRD of ours knows a pod template as well as the API server does.
 */
final class GenerateCrds {

    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    private static final String QUANTITY_PATTERN =
            "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";
    private static final List<String> KEPT = List.of(
            "type", "format", "required", "enum", "pattern", "minimum", "maximum", "nullable",
            "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields");

    private final BuiltinCatalog catalog = BuiltinCatalog.load();
    private final JsonNodeFactory json = JsonNodeFactory.instance;

    /** Arguments: the folder with the definitions in YAML, the folder for the results in JSON. */
    public static void main(String[] arguments) throws IOException {
        var target = Files.createDirectories(Path.of(arguments[1]));
        var generator = new GenerateCrds();
        try (var files = Files.list(Path.of(arguments[0]))) {
            for (var file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
                var crd = Yaml.read(Files.readAllBytes(file)).tree();
                var name = file.getFileName().toString().replace(".yaml", ".json");
                Files.write(target.resolve(name), Json.write(generator.resolve(crd)));
            }
        }
    }

    /** The tree with every {@code $ref} in it replaced; what stands beside a reference stays. */
    private JsonNode resolve(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                var result = json.objectNode();
                object.properties().forEach(property -> {
                    if (property.getKey().equals("$ref")) {
                        result.setAll(structure(property.getValue().stringValue()));
                    } else {
                        result.set(property.getKey(), resolve(property.getValue()));
                    }
                });
                return result;
            }
            case ArrayNode array -> {
                var result = json.arrayNode();
                array.forEach(item -> result.add(resolve(item)));
                return result;
            }
            default -> {
                return node;
            }
        }
    }

    private ObjectNode structure(String definition) {
        return switch (definition) {
            case QUANTITY -> intOrString().put("pattern", QUANTITY_PATTERN);
            case INT_OR_STRING -> intOrString();
            case OBJECT_META -> embeddedMeta();
            default -> structure(catalog.definitionJson(definition));
        };
    }

    private ObjectNode structure(ObjectNode schema) {
        var result = json.objectNode();
        if (schema.has("$ref")) {
            result.setAll(structure(schema.get("$ref").stringValue()));
        }
        for (var word : KEPT) {
            if (schema.has(word)) {
                result.set(word, schema.get(word));
            }
        }
        if (schema.get("items") instanceof ObjectNode items) {
            result.set("items", structure(items));
            giveMapKeysDefaults(result, items);
        }
        if (schema.get("additionalProperties") instanceof ObjectNode values) {
            result.set("additionalProperties", structure(values));
        }
        if (schema.get("properties") instanceof ObjectNode properties) {
            var structured = result.putObject("properties");
            properties.properties().forEach(p -> structured.set(p.getKey(), structure((ObjectNode) p.getValue())));
        }
        return result;
    }

    /** A key of a list's entries has to be required or to have a default: the built-in one, or none for absent. */
    private void giveMapKeysDefaults(ObjectNode list, ObjectNode items) {
        if (!(list.get("x-kubernetes-list-map-keys") instanceof ArrayNode keys)) {
            return;
        }
        var entry = (ObjectNode) list.get("items");
        Set<String> required = new HashSet<>();
        entry.path("required").forEach(name -> required.add(name.stringValue()));
        var builtin = items.has("$ref") ? catalog.definitionJson(items.get("$ref").stringValue()) : items;
        for (var key : keys) {
            var name = key.stringValue();
            if (!required.contains(name)) {
                var standard = builtin.path("properties").path(name).get("default");
                ((ObjectNode) entry.path("properties").path(name)).set("default", standard == null ? json.stringNode("") : standard);
            }
        }
    }

    private ObjectNode intOrString() {
        var schema = json.objectNode().put("x-kubernetes-int-or-string", true);
        schema.putArray("anyOf").add(json.objectNode().put("type", "integer")).add(json.objectNode().put("type", "string"));
        return schema;
    }

    /** What an object inside another one may say of itself, as kubebuilder has it. */
    private ObjectNode embeddedMeta() {
        var schema = json.objectNode().put("type", "object");
        var properties = schema.putObject("properties");
        for (var map : List.of("annotations", "labels")) {
            properties.putObject(map).put("type", "object").putObject("additionalProperties").put("type", "string");
        }
        properties.putObject("finalizers").put("type", "array").putObject("items").put("type", "string");
        properties.putObject("name").put("type", "string");
        properties.putObject("namespace").put("type", "string");
        return schema;
    }
}
