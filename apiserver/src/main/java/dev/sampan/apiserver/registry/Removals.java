package dev.sampan.apiserver.registry;

import dev.sampan.store.Entry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The last step of every deletion: taking the object out of the store once nothing holds it back. */
public final class Removals {

    private final ObjectStore store;

    public Removals(ObjectStore store) {
        this.store = store;
    }

    /** Whether an object is being deleted and neither a finalizer nor its grace period holds it back. */
    static boolean due(StorageType type, ObjectNode object) {
        return Meta.deleting(object)
                && Meta.finalizers(object).isEmpty()
                && object.path("metadata").path("deletionGracePeriodSeconds").asLong(0) == 0
                && type.rules().removable(object);
    }

    /** Removes the object; null when somebody else wrote in between. */
    @Nullable
    ObjectView remove(WriteCall call, Entry entry, ObjectNode last) {
        if (call.dryRun()) {
            return ObjectView.ofStorageTree(call.type(), last);
        }
        var removed = store.remove(entry);
        if (removed == null) {
            return null;
        }
        call.storage().rules().afterDelete(last, call.context());
        Meta.of(last).put("resourceVersion", Long.toString(removed.modRevision()));
        return ObjectView.ofStorageTree(call.type(), last);
    }
}
