package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.schema.FieldError;
import dev.sampan.store.Entry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** PUT and PATCH of an object or its status: one loop of read, change, check, write. */
public final class Updates {

    /** How often a change that does not insist on a version is made again after somebody else wrote in between. */
    private static final int ATTEMPTS = 100;

    /** Makes the new state of an object. */
    @FunctionalInterface
    public interface Change {
        /**
         * The new state in the storage version with the resourceVersion that it insists on, if any.
         *
         * @param old the stored state, which must not be changed
         */
        ObjectNode apply(ObjectNode old);
    }

    private final ObjectStore store;
    private final Admission admission;
    private final Removals removals;

    public Updates(ObjectStore store, Admission admission, Removals removals) {
        this.store = store;
        this.admission = admission;
        this.removals = removals;
    }

    /**
     * Writes the changed object.
     *
     * @param insistent whether the resourceVersion that the change returns was given by the client (PUT), so that a
     *     conflict is final; a patch is applied again instead
     * @return the state after the write, or the present one when nothing changes; null when the object does not exist
     */
    public @Nullable ObjectView update(WriteCall call, Change change, boolean insistent) {
        for (int attempt = 1; ; attempt++) {
            var entry = store.get(call.storage(), call.namespace(), call.name());
            if (entry == null) {
                return null;
            }
            var old = StoredJson.decode(entry);
            var object = change.apply(old);
            boolean versioned = checkPreconditions(call, object, old);
            var result = write(call, entry, object, old);
            if (result != null) {
                return result;
            }
            if ((insistent && versioned) || attempt == ATTEMPTS) {
                throw ApiException.stale(call.type().resource(), call.name());
            }
        }
    }

    private @Nullable ObjectView write(WriteCall call, Entry entry, ObjectNode object, ObjectNode old) {
        var rules = call.storage().rules();
        Preparation.forUpdate(call, object, old);
        try {
            admission.mutate(call.admission(Operation.UPDATE, object, old));
            Preparation.settleGeneration(call, object, old);
            ObjectValidation.ofUpdate(call, object, old);
            if (call.subresource().isEmpty()) {
                rules.warnings(object).forEach(call.context()::warn);
            }
            admission.validate(call.admission(Operation.UPDATE, object, old));
        } catch (RuntimeException e) {
            rules.rollBack(object, old, call.context());
            throw e;
        }
        try {
            var result = store(call, entry, object, old);
            if (result == null) {
                rules.rollBack(object, old, call.context());
            }
            return result;
        } catch (ApiException e) {
            if (!e.isServersFault()) { // else it may be stored
                rules.rollBack(object, old, call.context());
            }
            throw e;
        }
    }

    private @Nullable ObjectView store(WriteCall call, Entry entry, ObjectNode object, ObjectNode old) {
        Meta.copy(old, object, "resourceVersion");
        if (Removals.due(call.storage(), object)) {
            return removals.remove(call, entry, object);
        }
        if (FieldOwners.sameButTimes(object, old)) {
            return ObjectView.of(call.type(), entry);
        }
        if (call.dryRun()) {
            return ObjectView.ofStorageTree(call.type(), object);
        }
        var written = store.replace(entry, StoredJson.encode(object));
        if (written == null) {
            return null;
        }
        call.storage().rules().afterUpdate(object, old, call.context());
        return ObjectView.of(call.type(), written);
    }

    /** Whether the change insists on a version; it is the present one then. */
    private static boolean checkPreconditions(WriteCall call, ObjectNode object, ObjectNode old) {
        var uid = Meta.uid(object);
        if (!uid.isEmpty() && !uid.equals(Meta.uid(old))) {
            throw ApiException.conflict(
                    call.type().resource(),
                    call.name(),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, Meta.uid(old)));
        }
        var wanted = Meta.resourceVersion(object);
        if (Revisions.parse(wanted) == 0) {
            if (call.type().custom() || !call.storage().rules().allowsUnconditionalUpdate()) {
                throw ApiException.invalid(
                        call.kind(),
                        call.name(),
                        List.of(new FieldError(
                                FieldError.Type.INVALID,
                                "metadata.resourceVersion",
                                0,
                                "must be specified for an update")));
            }
            return false;
        }
        if (!wanted.equals(Meta.resourceVersion(old))) {
            throw ApiException.stale(call.type().resource(), call.name());
        }
        return true;
    }
}
