package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Status;
import dev.sampan.schema.apply.ApplyConflictException;
import dev.sampan.schema.apply.ApplyException;
import dev.sampan.schema.apply.FieldManager;
import dev.sampan.schema.apply.FieldSet;
import dev.sampan.schema.apply.ManagedFields;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records in {@code metadata.managedFields} who set which field, and carries out server-side apply. Works on objects in the
 * version of the request, before admission: what admission and the kind's own rules add belongs to nobody. Stateless.
 */
final class FieldOwners {

    private static final FieldSet NONE = FieldSet.ofFields();
    private static final FieldSet STATUS = FieldSet.ofFields("status");
    private static final FieldSet ALL_BUT_STATUS = FieldSet.ofFields("spec");
    private static final FieldSet ALL_BUT_CUSTOM_STATUS = FieldSet.ofFields("metadata", "spec");

    private FieldOwners() {}

    /** A new object that was posted. */
    static ObjectNode created(WriteCall call, ObjectNode object) {
        return updated(call, nothing(call, object), object);
    }

    /**
     * An object that was put or patched.
     *
     * @param live the object as it was, in the version of the request
     */
    static ObjectNode updated(WriteCall call, ObjectNode live, ObjectNode changed) {
        var context = call.context();
        try {
            return manager(call).update(live, changed, context.fieldManager(), context.now());
        } catch (ApplyException malformed) {
            // A list whose items have no keys: validation says it better, if it is an error at all. Owners stay as they
            // were.
            Meta.copy(live, changed, "managedFields");
            return changed;
        }
    }

    /**
     * Applies a configuration.
     *
     * @param live null when the apply creates the object
     * @throws ApiException 409 with the fields that others own, 400 when the configuration does not fit the kind
     */
    static ObjectNode applied(WriteCall call, @Nullable ObjectNode live, ObjectNode configuration, boolean force) {
        var context = call.context();
        var before = live == null ? nothing(call, configuration) : live;
        try {
            return manager(call).apply(before, configuration, context.fieldManager(), force, context.now());
        } catch (ApplyConflictException e) {
            var causes = e.conflicts().stream()
                    .map(c -> new Status.Cause("FieldManagerConflict", c.message(), c.field()))
                    .toList();
            throw ApiException.applyConflict(String.valueOf(e.getMessage()), causes);
        } catch (ApplyException e) {
            throw ApiException.badRequest("failed to create typed patch object (%s/%s; %s, Kind=%s): %s"
                    .formatted(
                            call.namespace(),
                            call.name(),
                            call.type().gvk().apiVersion(),
                            call.type().gvk().kind(),
                            e.getMessage()));
        }
    }

    /** Whether two states of an object are the same but for the times of its managers. */
    static boolean sameButTimes(ObjectNode object, ObjectNode old) {
        if (object.size() != old.size()) {
            return false;
        }
        for (var field : object.properties()) {
            if (!field.getKey().equals("metadata") && !field.getValue().equals(old.get(field.getKey()))) {
                return false;
            }
        }
        var metadata = object.path("metadata");
        var before = old.path("metadata");
        if (metadata.size() != before.size()) {
            return false;
        }
        for (var field : metadata.properties()) {
            var was = before.path(field.getKey());
            boolean same = field.getKey().equals("managedFields")
                    ? ManagedFields.sameButTimes(field.getValue(), was)
                    : field.getValue().equals(was);
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static FieldManager manager(WriteCall call) {
        return new FieldManager(call.type().schema(), call.subresource(), reset(call));
    }

    /** What a request through this path cannot change. */
    private static FieldSet reset(WriteCall call) {
        return switch (call.subresource()) {
            case "" -> call.storage().hasStatus() ? STATUS : NONE;
            case "status" -> call.type().custom() ? ALL_BUT_CUSTOM_STATUS : ALL_BUT_STATUS;
            default -> NONE;
        };
    }

    /** What there is before an object is created. */
    private static ObjectNode nothing(WriteCall call, ObjectNode object) {
        var empty = JsonNodeFactory.instance.objectNode();
        empty.put("apiVersion", call.type().gvk().apiVersion());
        empty.put("kind", call.type().gvk().kind());
        empty.putObject("metadata").put("name", Meta.name(object));
        return empty;
    }
}
