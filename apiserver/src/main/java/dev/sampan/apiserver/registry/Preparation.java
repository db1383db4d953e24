package dev.sampan.apiserver.registry;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Keeps what an update may not touch as it was. */
final class Preparation {

    /** What subresources other than status write of the object they belong to. */
    private static final Map<String, List<String>> PARTS = Map.of(
            "finalize", List.of("spec.finalizers"),
            "ephemeralcontainers", List.of("spec.ephemeralContainers"),
            "resize", List.of("spec.containers", "spec.initContainers"),
            "approval", List.of("status.conditions"));

    /** Parts whose writers may change metadata too. */
    private static final Set<String> WITH_METADATA = Set.of("finalize", "approval");

    private Preparation() {}

    /** Whether a subresource is a part of the object with bodies of the object's own kind. */
    static boolean isPart(String subresource) {
        return subresource.equals("status") || PARTS.containsKey(subresource);
    }

    static void forUpdate(WriteCall call, ObjectNode object, ObjectNode old) {
        keepMetadata(object, old);
        var storage = call.storage();
        var part = PARTS.get(call.subresource());
        if (part != null) {
            keepAllBut(call.subresource(), part, object, old);
            storage.rules().prepareForPartUpdate(call.subresource(), object, old, call.context());
            return;
        }
        if (call.subresource().equals("status")) {
            keepAllButStatus(storage, object, old);
            storage.rules().prepareForStatusUpdate(object, old, call.context());
            return;
        }
        if (storage.hasStatus() && !call.whole()) {
            Meta.replace(object, "status", old.get("status"));
        }
        storage.rules().prepareForUpdate(object, old, call.context());
    }

    /** Counts the generation up when anything but metadata and status has changed. */
    static void settleGeneration(WriteCall call, ObjectNode object, ObjectNode old) {
        Meta.copy(old, object, "generation");
        if (call.storage().generation() && specificationChanged(call.storage(), object, old)) {
            Meta.of(object).put("generation", Meta.generation(old) + 1);
        }
    }

    private static boolean specificationChanged(StorageType storage, ObjectNode object, ObjectNode old) {
        var fields = new HashSet<>(object.propertyNames());
        fields.addAll(old.propertyNames());
        fields.remove("metadata");
        fields.remove("apiVersion");
        if (storage.hasStatus()) {
            fields.remove("status");
        }
        return fields.stream().anyMatch(f -> !object.path(f).equals(old.path(f)));
    }

    /** Fields that may be left out of an update keep their value; deletion cannot be taken back. */
    private static void keepMetadata(ObjectNode object, ObjectNode old) {
        var metadata = Meta.of(object);
        metadata.remove("selfLink");
        for (var field : new String[] {"uid", "creationTimestamp", "namespace"}) {
            if (Meta.text(object, field).isEmpty()) {
                Meta.copy(old, object, field);
            }
        }
        Meta.copy(old, object, "generation");
        if (Meta.deleting(old)) {
            Meta.copy(old, object, "deletionTimestamp");
            Meta.copy(old, object, "deletionGracePeriodSeconds");
        } else {
            metadata.remove("deletionTimestamp");
            metadata.remove("deletionGracePeriodSeconds");
        }
    }

    private static void keepAllBut(String subresource, List<String> paths, ObjectNode object, ObjectNode old) {
        var wanted = object.deepCopy();
        object.removeAll();
        object.setAll(old.deepCopy());
        if (WITH_METADATA.contains(subresource)) {
            object.set("metadata", wanted.get("metadata"));
        } else {
            Meta.copy(wanted, object, "resourceVersion");
            Meta.copy(wanted, object, "managedFields");
        }
        for (var path : paths) {
            int dot = path.indexOf('.');
            var parent = path.substring(0, dot);
            var field = path.substring(dot + 1);
            var target = object.get(parent) instanceof ObjectNode node ? node : object.putObject(parent);
            Meta.replace(target, field, wanted.path(parent).get(field));
        }
    }

    private static void keepAllButStatus(StorageType storage, ObjectNode object, ObjectNode old) {
        var status = object.get("status");
        var metadata = Meta.of(object);
        object.removeAll();
        object.setAll(old.deepCopy());
        if (storage.custom()) {
            Meta.replace(Meta.of(object), "managedFields", metadata.get("managedFields"));
        } else {
            object.set("metadata", metadata);
        }
        Meta.replace(object, "status", status);
    }
}
