package dev.sampan.schema.generator;

import dev.sampan.schema.generator.ModelClasses.Model;
import dev.sampan.schema.generator.ModelClasses.Property;
import dev.sampan.schema.generator.ProtoSources.Field;
import dev.sampan.schema.generator.ProtoSources.Message;
import java.lang.classfile.Signature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Joins the client's model classes (structure, descriptions, required) with the protobuf messages (markers, field
 * numbers) into OpenAPI definitions. A property's {@code x-proto} is the path of field numbers to it, with {@code w}
 * behind it when the protobuf wraps the list in a message of its own.
 */
final class Definitions {

    private static final String INTSTR = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final Set<String> SCALARS = Set.of("string", "bool", "int32", "int64", "double", "bytes");
    private static final Map<String, String> CONSTANTS =
            Map.of("AzureDataDiskCachingReadWrite", "\"ReadWrite\"", "AzureSharedBlobDisk", "\"Shared\"");

    private final Map<String, Message> messages = new TreeMap<>();
    private final Map<String, Model> models;
    private final Map<String, String> definitionOfModel = new TreeMap<>();
    private final Map<String, Model> modelOfDefinition = new TreeMap<>();
    private final ArrayDeque<String> wanted = new ArrayDeque<>();
    private final Set<String> seen = new TreeSet<>();
    final List<String> problems = new ArrayList<>();

    Definitions(Map<String, Message> protos, Map<String, Model> models) {
        this.models = models;
        protos.forEach((name, message) -> messages.put(definitionName(name), message));
        models.values().forEach(this::claim);
    }

    private static String definitionName(String proto) {
        return proto.replaceFirst("^k8s\\.io", "io.k8s").replace("apiextensions_apiserver", "apiextensions-apiserver");
    }

    private void claim(Model model) {
        var name = model.name();
        var definition = messages.keySet().stream()
                .filter(d -> classNames(d).contains(name))
                .max(Comparator.<String>comparingInt(d -> name.startsWith("V") ? 0 : 1).thenComparing(d -> matches(d, model)));
        if (definition.isPresent()) {
            definitionOfModel.put(name, definition.get());
            var other = modelOfDefinition.put(definition.get(), model);
            if (other != null) {
                problems.add(name + " and " + other.name() + " both are " + definition.get());
            }
        } else if (name.startsWith("V1APIService") || name.startsWith("ApiregistrationV1")) {
            var simple = name.replaceFirst("^(Apiregistration)?V1", "");
            var aggregator = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1." + simple;
            definitionOfModel.put(name, aggregator);
            modelOfDefinition.put(aggregator, model);
        }
    }

    /** The class names that a definition may have: {@code V1Pod}, or with the group where two groups share a kind. */
    private static Set<String> classNames(String definition) {
        var parts = definition.split("\\.");
        var simple = capitalize(parts[parts.length - 2]) + parts[parts.length - 1];
        return Set.of(simple, capitalize(parts[parts.length - 3]) + simple);
    }

    private long matches(String definition, Model model) {
        return model.properties().stream()
                .filter(p -> wire(messages.get(definition), p.name(), Set.of()) != null)
                .count();
    }

    private static String capitalize(String s) {
        return Character.toUpperCase(s.charAt(0)) + s.substring(1);
    }

    /** The definition of a model class, to be written with everything that it refers to. */
    String want(String model) {
        var definition = definitionOfModel.get(model);
        if (definition == null) {
            throw new IllegalStateException("no definition for class " + model);
        }
        return wantDefinition(definition);
    }

    String wantDefinition(String definition) {
        if (seen.add(definition)) {
            wanted.add(definition);
        }
        return definition;
    }

    /** All wanted definitions as OpenAPI schemas, by name. */
    Map<String, Object> write() {
        var out = new TreeMap<String, Object>();
        while (!wanted.isEmpty()) {
            var name = wanted.poll();
            out.put(name, definition(name));
        }
        return out;
    }

    private Map<String, Object> definition(String name) {
        var schema = new LinkedHashMap<String, Object>();
        var model = modelOfDefinition.get(name);
        var message = messages.get(name);
        var description = model != null ? model.description() : message == null ? "" : prose(message.comment().toString());
        if (!description.isEmpty()) {
            schema.put("description", description);
        }
        if (special(name, schema)) {
            return schema;
        }
        schema.put("type", "object");
        if (message != null && markers(message.comment().toString(), "structType").contains("atomic")) {
            schema.put("x-kubernetes-map-type", "atomic");
        }
        if (model != null) {
            fromModel(name, model, message, schema);
        } else if (message != null) {
            fromMessage(message, schema);
        } else {
            throw new IllegalStateException("unknown definition " + name);
        }
        return schema;
    }

    private static List<String> markers(String comment, String marker) {
        return new Field("", 0, "", "", comment).markers(marker);
    }

    /** Types with a JSON form of their own. */
    private static boolean special(String name, Map<String, Object> schema) {
        switch (name) {
            case INTSTR -> {
                schema.put("format", "int-or-string");
                schema.put("oneOf", List.of(Map.of("type", "integer"), Map.of("type", "string")));
            }
            case QUANTITY -> schema.put("oneOf", List.of(Map.of("type", "string"), Map.of("type", "number")));
            case META + "Time", META + "MicroTime" -> {
                schema.put("type", "string");
                schema.put("format", "date-time");
            }
            case META + "Duration" -> schema.put("type", "string");
            case META + "FieldsV1", "io.k8s.apimachinery.pkg.runtime.RawExtension" -> schema.put("type", "object");
            default -> {
                return name.matches(".*\\.v1\\.JSON(SchemaPropsOr\\w+)?");
            }
        }
        return true;
    }

    private void fromModel(String name, Model model, Message message, Map<String, Object> schema) {
        var names = new TreeSet<String>();
        model.properties().forEach(p -> names.add(p.name()));
        var properties = new TreeMap<String, Object>();
        var required = new TreeSet<String>();
        for (var property : model.properties()) {
            var wire = message == null ? null : wire(message, property.name(), names);
            if (message != null && wire == null && !Set.of("apiVersion", "kind").contains(property.name())) {
                problems.add(name + "." + property.name() + " has no protobuf field");
            }
            properties.put(property.name(), property(name, property, wire));
            if (property.required()) {
                required.add(property.name());
            }
        }
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
    }

    private record Wire(String path, Field field) {}

    /** Finds the protobuf field of a JSON property, through messages whose fields JSON inlines. */
    private Wire wire(Message message, String json, Set<String> siblings) {
        var name = json.startsWith("$") ? json.substring(1) : camel(json);
        for (var field : message.fields()) {
            if (field.name().equalsIgnoreCase(name)) { // protobuf has Webhooks and aPIGroup
                return new Wire(Integer.toString(field.number()), field);
            }
        }
        for (var field : message.fields()) {
            var inner = messages.get(definitionName(field.type()));
            if (inner != null && inner != message && field.label().equals("optional") && !siblings.contains(field.name())) {
                var found = wire(inner, json, siblings);
                if (found != null) {
                    return new Wire(field.number() + "." + found.path, found.field);
                }
            }
        }
        return null;
    }

    private static String camel(String dashed) {
        var out = new StringBuilder();
        for (var part : dashed.split("-")) {
            out.append(out.isEmpty() ? part : capitalize(part));
        }
        return out.toString();
    }

    private Map<String, Object> property(String definition, Property property, Wire wire) {
        var schema = new LinkedHashMap<String, Object>();
        var comment = wire == null ? "" : prose(wire.field.comment()); // the client drops a reference's own description
        var description = comment.isEmpty() ? property.description() : comment;
        if (!description.isEmpty()) {
            schema.put("description", description);
        }
        schema.putAll(schema(property.type(), wire == null ? null : wire.field));
        if (ZeroValues.mean(definition, property.name())) {
            schema.put("x-zero", true);
        }
        if (wire != null) {
            mark(schema, wire.field);
            var wrapped = isList(property.type()) && !wire.field.label().equals("repeated")
                    || isMapOfLists(property.type());
            schema.put("x-proto", wire.path + (wrapped ? "w" : ""));
        }
        return schema;
    }

    private static boolean isList(Signature type) {
        return type instanceof Signature.ClassTypeSig c && c.className().endsWith("/List");
    }

    private static boolean isMapOfLists(Signature type) {
        return type instanceof Signature.ClassTypeSig c
                && c.className().endsWith("/Map")
                && c.typeArgs().get(1) instanceof Signature.TypeArg.Bounded b
                && isList(b.boundType());
    }

    private static void mark(Map<String, Object> schema, Field field) {
        var listType = new ArrayList<>(field.markers("listType"));
        listType.addAll(field.markers("k8s:listType"));
        var keys = new TreeSet<>(field.markers("listMapKey"));
        keys.addAll(field.markers("k8s:listMapKey"));
        if (!listType.isEmpty()) {
            schema.put("x-kubernetes-list-type", listType.getFirst());
        }
        if (!keys.isEmpty()) {
            schema.put("x-kubernetes-list-map-keys", List.copyOf(keys));
        }
        if (field.markers("mapType").contains("atomic") || field.markers("structType").contains("atomic")) {
            schema.put("x-kubernetes-map-type", "atomic");
        }
        field.markers("patchMergeKey").stream().limit(1).forEach(v -> schema.put("x-kubernetes-patch-merge-key", v));
        field.markers("patchStrategy").stream().limit(1).forEach(v -> schema.put("x-kubernetes-patch-strategy", v));
        field.markers("default").stream().limit(1).forEach(v -> schema.put("default", new JsonWriter.Raw(constant(v))));
    }

    private static String constant(String value) {
        if (!value.startsWith("ref(")) {
            return value;
        }
        var constant = CONSTANTS.get(value.substring(4, value.length() - 1));
        if (constant == null) {
            throw new IllegalStateException("unknown constant in +default=" + value);
        }
        return constant;
    }

    private Map<String, Object> schema(Signature type, Field field) {
        if (!(type instanceof Signature.ClassTypeSig c)) {
            if (type.signatureString().equals("[B")) {
                return scalar("string", "byte");
            }
            throw new IllegalStateException("unexpected type " + type.signatureString());
        }
        var name = c.className().substring(c.className().lastIndexOf('/') + 1);
        return switch (name) {
            case "String" -> scalar("string", "");
            case "Integer" -> scalar("integer", "int32");
            case "Long" -> scalar("integer", "int64");
            case "Double" -> scalar("number", "double");
            case "Boolean" -> scalar("boolean", "");
            case "Quantity" -> ref(QUANTITY);
            case "IntOrString" -> ref(INTSTR);
            case "OffsetDateTime" -> ref(field == null ? META + "Time" : definitionName(field.type()));
            case "Object" -> field == null || SCALARS.contains(field.type())
                    ? Map.of("type", "object")
                    : ref(definitionName(field.type()));
            case "List" -> Map.of("type", "array", "items", schema(argument(c, 0), field));
            case "Map" -> Map.of("type", "object", "additionalProperties", schema(argument(c, 1), field));
            default -> Map.of("$ref", want(name));
        };
    }

    private Map<String, Object> ref(String definition) {
        return Map.of("$ref", wantDefinition(definition));
    }

    private static Signature argument(Signature.ClassTypeSig type, int index) {
        return ((Signature.TypeArg.Bounded) type.typeArgs().get(index)).boundType();
    }

    private static Map<String, Object> scalar(String type, String format) {
        return format.isEmpty() ? Map.of("type", type) : new TreeMap<>(Map.of("type", type, "format", format));
    }

    /** Structure of a kind that the Java client no longer has, from its message alone. */
    private void fromMessage(Message message, Map<String, Object> schema) {
        var properties = new TreeMap<String, Object>();
        if (message.fields().stream().anyMatch(f -> f.name().equals("metadata"))) {
            properties.put("apiVersion", scalar("string", ""));
            properties.put("kind", scalar("string", ""));
        }
        addFields(message, "", properties);
        schema.put("properties", properties);
    }

    private void addFields(Message message, String path, Map<String, Object> properties) {
        for (var field : message.fields()) {
            if (field.name().equals("ingressRuleValue")) {
                addFields(messages.get(definitionName(field.type())), path + field.number() + ".", properties);
                continue;
            }
            var property = new LinkedHashMap<String, Object>();
            property.put("description", prose(field.comment()));
            var value = messageType(field.type());
            property.putAll(
                    switch (field.label()) {
                        case "repeated" -> Map.of("type", "array", "items", value);
                        case "map" -> Map.of("type", "object", "additionalProperties", value);
                        default -> value;
                    });
            mark(property, field);
            property.put("x-proto", path + field.number());
            properties.put(field.name(), property);
        }
    }

    private Map<String, Object> messageType(String type) {
        return switch (type) {
            case "string" -> scalar("string", "");
            case "bool" -> scalar("boolean", "");
            case "int32", "int64" -> scalar("integer", type);
            case "double" -> scalar("number", "double");
            case "bytes" -> scalar("string", "byte");
            default -> ref(definitionName(type));
        };
    }

    /** A Go comment without its markers, as Kubernetes publishes it. */
    private static String prose(String comment) {
        var out = new StringBuilder();
        for (var line : comment.strip().split("\n")) {
            if (line.startsWith("---")) {
                break;
            }
            if (line.startsWith("+") || line.startsWith("TODO")) {
                continue;
            }
            out.append(line.isEmpty() ? "\n\n" : out.isEmpty() || out.charAt(out.length() - 1) == '\n' ? line : " " + line);
        }
        return out.toString().strip();
    }
}
