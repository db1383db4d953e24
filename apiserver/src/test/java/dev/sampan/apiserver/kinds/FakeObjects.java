package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Reservations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Objects in a map, without defaults or validation; followers hear of changes at once. */
public final class FakeObjects implements Objects {

    private record Follower(GroupResource resource, ChangeListener listener) {}

    private final Map<String, ObjectNode> objects = new TreeMap<>();
    private final Map<String, ObjectNode> reserved = new ConcurrentSkipListMap<>();
    private final List<Follower> followers = new ArrayList<>();
    private long revision;

    @Override
    public synchronized @Nullable ObjectNode get(GroupResource resource, String namespace, String name) {
        return objects.get(key(resource, namespace, name));
    }

    @Override
    public synchronized List<ObjectNode> list(GroupResource resource, String namespace) {
        var prefix = namespace.isEmpty() ? resource + "|" : resource + "|" + namespace + "|";
        return objects.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public long count(GroupResource resource, String namespace) {
        return list(resource, namespace).size();
    }

    @Override
    public synchronized ObjectNode create(GroupResource resource, ObjectNode object) {
        var key = key(resource, Meta.namespace(object), Meta.name(object));
        if (objects.containsKey(key)) {
            throw ApiException.alreadyExists(resource, Meta.name(object));
        }
        var stored = object.deepCopy();
        var metadata = stored.withObject("/metadata");
        if (!metadata.has("uid")) {
            metadata.put("uid", UUID.randomUUID().toString());
        }
        metadata.put("resourceVersion", String.valueOf(++revision));
        objects.put(key, stored);
        tell(resource, null, stored);
        return stored;
    }

    @Override
    public synchronized ObjectNode modify(
            GroupResource resource, String namespace, String name, UnaryOperator<ObjectNode> change) {
        var before = get(resource, namespace, name);
        if (before == null) {
            throw ApiException.notFound(resource, name);
        }
        var after = change.apply(before.deepCopy());
        after.withObject("/metadata").put("resourceVersion", String.valueOf(++revision));
        objects.put(key(resource, namespace, name), after);
        tell(resource, before, after);
        return after;
    }

    @Override
    public synchronized void delete(GroupResource resource, String namespace, String name) {
        var gone = objects.remove(key(resource, namespace, name));
        if (gone != null) {
            tell(resource, gone, null);
        }
    }

    @Override
    public void delete(GroupResource resource, String namespace, String name, ObjectNode options) {
        delete(resource, namespace, name);
    }

    @Override
    public synchronized AutoCloseable follow(GroupResource resource, ChangeListener listener) {
        list(resource, "").forEach(o -> listener.changed(null, o));
        var follower = new Follower(resource, listener);
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    @Override
    public Reservations reservations(String range) {
        return new Reservations() {
            @Override
            public boolean take(String name, ObjectNode note) {
                return reserved.putIfAbsent(range + "/" + name, note) == null;
            }

            @Override
            public @Nullable Held get(String name) {
                var note = reserved.get(range + "/" + name);
                return note == null ? null : new Held(name, note, 1);
            }

            @Override
            public List<Held> all() {
                return reserved.entrySet().stream()
                        .filter(e -> e.getKey().startsWith(range + "/"))
                        .map(e -> new Held(e.getKey().substring(range.length() + 1), e.getValue(), 1))
                        .toList();
            }

            @Override
            public void giveBack(Held held) {
                reserved.remove(range + "/" + held.name(), held.note());
            }
        };
    }

    @Override
    public @Nullable GroupResource resourceOf(String apiVersion, String kind) {
        return null;
    }

    @Override
    public java.util.Set<String> apiVersions() {
        return java.util.Set.of();
    }

    @Override
    public boolean namespaced(GroupResource resource) {
        return true;
    }

    @Override
    public List<String> apiVersionsOf(GroupResource resource) {
        return List.of();
    }

    @Override
    public dev.sampan.schema.@Nullable Schema schema(GroupResource resource, String apiVersion) {
        return null;
    }

    @Override
    public ObjectNode toVersion(GroupResource resource, String apiVersion, ObjectNode stored) {
        return stored.deepCopy();
    }

    @Override
    public ObjectNode fromVersion(GroupResource resource, String apiVersion, ObjectNode served) {
        return served.deepCopy();
    }

    @Override
    public void complete(GroupResource resource, ObjectNode object) {
        // knows no structure
    }

    private void tell(GroupResource resource, @Nullable ObjectNode before, @Nullable ObjectNode after) {
        for (var follower : List.copyOf(followers)) {
            if (follower.resource().equals(resource)) {
                follower.listener().changed(before, after);
            }
        }
    }

    private static String key(GroupResource resource, String namespace, String name) {
        return resource + "|" + namespace + "|" + name;
    }
}
