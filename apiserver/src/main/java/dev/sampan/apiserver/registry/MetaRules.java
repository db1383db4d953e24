package dev.sampan.apiserver.registry;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds for {@code metadata} of every kind. */
final class MetaRules {

    private static final long MAX_ANNOTATION_BYTES = 256 * 1024;

    private MetaRules() {}

    static List<FieldError> validate(ObjectNode object, StorageType type) {
        var errors = new ArrayList<FieldError>();
        names(object, type, errors);
        labels(object.path("metadata").path("labels"), errors);
        annotations(object.path("metadata").path("annotations"), errors);
        owners(object.path("metadata").path("ownerReferences"), errors);
        finalizers(object, errors);
        return errors;
    }

    /** Fields of metadata that never change, and finalizers that come too late. */
    static List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
        var errors = new ArrayList<FieldError>();
        for (var field : List.of(
                "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            var value = object.path("metadata").path(field);
            if (!value.equals(old.path("metadata").path(field))) {
                errors.add(FieldError.invalid("metadata." + field, value, "field is immutable"));
            }
        }
        if (Meta.deleting(old)) {
            var added = new ArrayList<>(Meta.finalizers(object));
            added.removeAll(Meta.finalizers(old));
            if (!added.isEmpty()) {
                errors.add(FieldError.forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers []string{%s}"
                                .formatted(String.join(
                                        ", ",
                                        added.stream().map(f -> '"' + f + '"').toList()))));
            }
        }
        return errors;
    }

    private static void names(ObjectNode object, StorageType type, List<FieldError> errors) {
        var rule = type.rules().nameRule();
        var prefix = Meta.text(object, "generateName");
        if (!prefix.isEmpty()) {
            NameChecks.check(rule, prefix, true)
                    .forEach(e -> errors.add(FieldError.invalid("metadata.generateName", prefix, e)));
        }
        var name = Meta.name(object);
        if (name.isEmpty()) {
            errors.add(FieldError.required("metadata.name", "name or generateName is required"));
        } else {
            NameChecks.check(rule, name, false).forEach(e -> errors.add(FieldError.invalid("metadata.name", name, e)));
        }
        var namespace = Meta.namespace(object);
        if (type.namespaced()) {
            if (namespace.isEmpty()) {
                errors.add(FieldError.required("metadata.namespace", ""));
            } else {
                Names.dns1123Label(namespace)
                        .forEach(e -> errors.add(FieldError.invalid("metadata.namespace", namespace, e)));
            }
        } else if (!namespace.isEmpty()) {
            errors.add(FieldError.forbidden("metadata.namespace", "not allowed on this type"));
        }
    }

    private static void labels(JsonNode labels, List<FieldError> errors) {
        for (var label : labels.properties()) {
            Names.qualifiedName(label.getKey())
                    .forEach(e -> errors.add(FieldError.invalid("metadata.labels", label.getKey(), e)));
            var value = label.getValue().asString("");
            Names.labelValue(value).forEach(e -> errors.add(FieldError.invalid("metadata.labels", value, e)));
        }
    }

    private static void annotations(JsonNode annotations, List<FieldError> errors) {
        long bytes = 0;
        for (var annotation : annotations.properties()) {
            var key = annotation.getKey();
            Names.qualifiedName(key.toLowerCase(Locale.ROOT))
                    .forEach(e -> errors.add(FieldError.invalid("metadata.annotations", key, e)));
            bytes += key.length() + annotation.getValue().asString("").getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > MAX_ANNOTATION_BYTES) {
            errors.add(FieldError.tooLong("metadata.annotations", MAX_ANNOTATION_BYTES));
        }
    }

    private static void owners(JsonNode owners, List<FieldError> errors) {
        var controller = "";
        int index = 0;
        for (var owner : owners) {
            var path = "metadata.ownerReferences[" + index++ + "]";
            required(owner, path, "apiVersion", "must not be empty", errors);
            required(owner, path, "kind", "must not be empty", errors);
            required(owner, path, "name", "must not be empty", errors);
            required(owner, path, "uid", "must not be empty", errors);
            if (owner.path("apiVersion").asString("").equals("v1")
                    && owner.path("kind").asString("").equals("Event")) {
                errors.add(FieldError.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
            }
            if (owner.path("controller").asBoolean(false)) {
                var name = owner.path("kind").asString("") + "/"
                        + owner.path("name").asString("");
                if (!controller.isEmpty()) {
                    errors.add(FieldError.invalid(
                            "metadata.ownerReferences",
                            owners,
                            "Only one reference can have Controller set to true. Found \"true\" in references for %s and %s"
                                    .formatted(controller, name)));
                }
                controller = name;
            }
        }
    }

    private static void required(JsonNode node, String path, String field, String detail, List<FieldError> errors) {
        var value = node.path(field).asString("");
        if (value.isEmpty()) {
            errors.add(FieldError.invalid(path + "." + field, value, detail));
        }
    }

    private static void finalizers(ObjectNode object, List<FieldError> errors) {
        var finalizers = Meta.finalizers(object);
        for (var finalizer : finalizers) {
            Names.qualifiedName(finalizer)
                    .forEach(e -> errors.add(FieldError.invalid("metadata.finalizers", finalizer, e)));
        }
        if (new HashSet<>(finalizers).containsAll(List.of(Meta.FOREGROUND, Meta.ORPHAN))) {
            errors.add(FieldError.invalid(
                    "metadata.finalizers",
                    finalizers.toString(),
                    "finalizer orphan and foregroundDeletion cannot be both set"));
        }
    }
}
