package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Reservations;
import dev.sampan.schema.codec.Json;
import dev.sampan.store.Entry;
import dev.sampan.store.RevisionConflictException;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reservations as keys of the store; that a key can be created only once is all that is needed. */
final class StoredReservations implements Reservations {

    private final Store store;
    private final String prefix;

    StoredReservations(Store store, String range) {
        this.store = store;
        this.prefix = "/registry/ranges/" + range + "/";
    }

    @Override
    public boolean take(String name, ObjectNode note) {
        try {
            Store.await(store.put(prefix + name, Json.write(note), Store.ABSENT));
            return true;
        } catch (RevisionConflictException e) {
            return false;
        } catch (StoreException e) {
            throw ApiException.internal("%s could not be reserved: %s".formatted(name, e.getMessage()));
        }
    }

    @Override
    public @Nullable Held get(String name) {
        var entry = store.snapshot().get(prefix + name);
        return entry == null ? null : held(entry);
    }

    @Override
    public List<Held> all() {
        var result = new ArrayList<Held>();
        for (var entry : store.snapshot().range(prefix, null)) {
            result.add(held(entry));
        }
        return result;
    }

    @Override
    public void giveBack(Held held) {
        try {
            Store.await(store.delete(prefix + held.name(), held.revision()));
        } catch (RevisionConflictException e) {
            return; // is somebody else's by now, or nobody's
        } catch (StoreException e) {
            throw ApiException.internal("%s could not be given back: %s".formatted(held.name(), e.getMessage()));
        }
    }

    private Held held(Entry entry) {
        var note = (ObjectNode) Json.read(entry.value()).tree();
        return new Held(entry.key().substring(prefix.length()), note, entry.modRevision());
    }
}
