package dev.sampan.apiserver.registry;

import dev.sampan.schema.codec.Json;
import dev.sampan.store.Entry;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One state of one object as one served version shows it: parsed and encoded at most when asked, and then only once.
 * Thread-safe; shared among watchers.
 */
public final class ObjectView {

    private final ServedType type;
    private final @Nullable Entry entry;
    private final long revision;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ObjectNode tree;
    private volatile byte @Nullable [] json;

    private ObjectView(ServedType type, @Nullable Entry entry, long revision, @Nullable ObjectNode tree) {
        this.type = type;
        this.entry = entry;
        this.revision = revision;
        this.tree = tree;
    }

    /** A stored object. */
    public static ObjectView of(ServedType type, Entry entry) {
        return new ObjectView(type, entry, entry.modRevision(), null);
    }

    /** A stored object shown with another revision than the one it was written with: the last state of a deleted one. */
    public static ObjectView of(ServedType type, Entry entry, long revision) {
        return new ObjectView(type, entry, revision, null);
    }

    /** An object in the served version that is not stored as it is: a dry run's result, a scale. */
    public static ObjectView of(ServedType type, ObjectNode served) {
        return new ObjectView(type, null, 0, served);
    }

    /** A dry run's result in the storage version. */
    static ObjectView ofStorageTree(ServedType type, ObjectNode stored) {
        return of(type, type.conversion().fromStorage(stored));
    }

    public ServedType type() {
        return type;
    }

    /** Converts the trees of many views at once, where that is cheaper. */
    static void convertAll(ServedType type, List<ObjectView> views) {
        if (!type.conversion().prefersBatches()) {
            return;
        }
        var waiting =
                views.stream().filter(v -> v.tree == null && v.entry != null).toList();
        var stored = waiting.stream()
                .map(v -> StoredJson.decode(v.entry(), v.revision))
                .toList();
        if (!stored.isEmpty()) {
            var converted = type.conversion().fromStorage(stored);
            for (int i = 0; i < waiting.size(); i++) {
                waiting.get(i).tree = converted.get(i);
            }
        }
    }

    /** The object as a tree that must not be changed. */
    public ObjectNode tree() {
        var known = tree;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            known = tree;
            if (known == null) {
                known = type.conversion().fromStorage(StoredJson.decode(entry(), revision));
                tree = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** The object as JSON; the array must not be changed. */
    public byte[] json() {
        var known = json;
        if (known == null) {
            known = entry != null && type.servesStoredBytes()
                    ? StoredJson.withRevision(entry, revision)
                    : Json.write(tree());
            json = known;
        }
        return known;
    }

    /** Appends {@link #json}, straight from the stored bytes where they can be sent as they are. */
    public void writeJson(ByteArrayOutputStream out) {
        if (json == null && entry != null && type.servesStoredBytes()) {
            StoredJson.write(entry, revision, out);
        } else {
            out.writeBytes(json());
        }
    }

    /** How many bytes {@link #writeJson} appends. */
    int size() {
        return json == null && entry != null && type.servesStoredBytes()
                ? StoredJson.size(entry, revision)
                : json().length;
    }

    /** {@code metadata.name}; a stored object is not parsed for it. */
    String name() {
        return entry == null
                ? Meta.name(tree())
                : entry.key().substring(entry.key().lastIndexOf('/') + 1);
    }

    /** {@code metadata.namespace}, empty when there is none; a stored object is not parsed for it. */
    String namespace() {
        if (entry == null) {
            return Meta.namespace(tree());
        }
        var prefix = type.storage().prefix();
        return type.namespaced()
                ? entry.key().substring(prefix.length(), entry.key().lastIndexOf('/'))
                : "";
    }

    /** {@code metadata} as a tree that must not be changed; cheaper than the whole. */
    public JsonNode metadata() {
        var known = tree;
        return known == null && entry != null && type.servesStoredBytes()
                ? StoredJson.metadata(entry, revision)
                : tree().path("metadata");
    }

    /** {@code metadata.labels}, null when there are none; much cheaper than the whole tree. */
    @Nullable
    JsonNode labels() {
        var known = tree;
        return known != null || entry == null ? tree().path("metadata").get("labels") : StoredJson.labels(entry);
    }

    private Entry entry() {
        return java.util.Objects.requireNonNull(entry);
    }
}
