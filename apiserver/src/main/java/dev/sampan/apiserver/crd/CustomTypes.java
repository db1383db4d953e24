package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.registry.Conversion;
import dev.sampan.apiserver.registry.Meta;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.ServedType.PrinterColumn;
import dev.sampan.apiserver.registry.ServedType.ScalePaths;
import dev.sampan.apiserver.registry.StorageType;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import dev.sampan.schema.Subresource;
import dev.sampan.schema.cel.CelRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes the served types of a CustomResourceDefinition. Pure functions. */
final class CustomTypes {

    private static final Set<String> VERBS =
            Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final Set<String> PART_VERBS = Set.of("get", "patch", "update");

    private CustomTypes() {}

    /**
     * One type for each served version.
     *
     * @param objects where the services of conversion webhooks are found
     */
    static List<ServedType> of(Crd crd, Objects objects) {
        var storageVersion = crd.storageVersion();
        var types = new ArrayList<ResourceType>();
        ResourceType home = null;
        for (var version : crd.spec().path("versions")) {
            var type = resource(crd, version, storageVersion);
            if (version.path("served").asBoolean(false)) {
                types.add(type);
            }
            if (type.gvk().version().equals(storageVersion)) {
                home = type;
            }
        }
        if (home == null) {
            return List.of();
        }
        var storage = new StorageType(home, KindRules.NONE, true, true);
        var result = new ArrayList<ServedType>();
        for (var type : types) {
            result.add(served(crd, type, storage, objects));
        }
        return result;
    }

    private static ServedType served(Crd crd, ResourceType type, StorageType storage, Objects objects) {
        var version = version(crd, type.gvk().version());
        return new ServedType(
                type,
                storage,
                conversion(crd, type, storage, objects),
                scale(version),
                columns(version),
                selectableFields(version),
                CelRules.compile(type.schema(), "schema"),
                deprecation(type.gvk(), version),
                Meta.uid(crd.object()) + "/" + Meta.generation(crd.object()));
    }

    /** Until a definition is changed, what is stored in the storage version can be sent as it is. */
    private static Conversion conversion(Crd crd, ResourceType type, StorageType storage, Objects objects) {
        var home = storage.type();
        if (type == home && Meta.generation(crd.object()) <= 1) {
            return Conversion.NONE;
        }
        var conversion = crd.spec().path("conversion");
        var webhook = conversion.path("strategy").asString("").equals("Webhook")
                ? new ConversionWebhook(conversion.path("webhook").path("clientConfig"), objects)
                : null;
        return new CustomConversion(type, home, webhook);
    }

    private static JsonNode version(Crd crd, String name) {
        for (var version : crd.spec().path("versions")) {
            if (version.path("name").asString("").equals(name)) {
                return version;
            }
        }
        throw new IllegalArgumentException("no version " + name);
    }

    private static ResourceType resource(Crd crd, JsonNode version, String storageVersion) {
        var names = crd.names();
        var gvk = new GroupVersionKind(crd.group(), version.path("name").asString(""), crd.kind());
        return new ResourceType(
                gvk,
                crd.plural(),
                names.path("singular").asString(""),
                crd.namespaced(),
                Crd.strings(names.path("shortNames")),
                Crd.strings(names.path("categories")),
                VERBS,
                subresources(gvk, version.path("subresources")),
                Schema.ofCrd(version.path("schema").path("openAPIV3Schema")),
                storageVersion);
    }

    private static List<Subresource> subresources(GroupVersionKind kind, JsonNode subresources) {
        var result = new ArrayList<Subresource>();
        if (subresources.has("status")) {
            result.add(new Subresource("status", kind, PART_VERBS));
        }
        if (subresources.has("scale")) {
            result.add(new Subresource("scale", new GroupVersionKind("autoscaling", "v1", "Scale"), PART_VERBS));
        }
        return result;
    }

    private static @Nullable ScalePaths scale(JsonNode version) {
        var scale = version.path("subresources").path("scale");
        return scale.isMissingNode()
                ? null
                : new ScalePaths(
                        path(scale, "specReplicasPath"),
                        path(scale, "statusReplicasPath"),
                        path(scale, "labelSelectorPath"));
    }

    private static List<PrinterColumn> columns(JsonNode version) {
        var result = new ArrayList<PrinterColumn>();
        for (var column : version.path("additionalPrinterColumns")) {
            result.add(new PrinterColumn(
                    column.path("name").asString(""),
                    column.path("type").asString(""),
                    column.path("format").asString(""),
                    column.path("description").asString(""),
                    column.path("priority").asInt(0),
                    column.path("jsonPath").asString("")));
        }
        return result;
    }

    private static List<String> selectableFields(JsonNode version) {
        var result = new ArrayList<String>();
        for (var field : version.path("selectableFields")) {
            result.add(path(field, "jsonPath"));
        }
        return result;
    }

    private static String deprecation(GroupVersionKind kind, JsonNode version) {
        if (!version.path("deprecated").asBoolean(false)) {
            return "";
        }
        var own = version.path("deprecationWarning").asString("");
        return own.isEmpty() ? kind.apiVersion() + " " + kind.kind() + " is deprecated" : own;
    }

    /** A simple JSON path without its leading dot. */
    private static String path(JsonNode parent, String field) {
        var path = parent.path(field).asString("");
        return path.startsWith(".") ? path.substring(1) : path;
    }
}
