package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.Reservations;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.schema.Defaulter;
import dev.sampan.schema.Pruner;
import dev.sampan.schema.Schema;
import dev.sampan.store.Event;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@link Objects} over the registry, without admission. Thread-safe. */
public final class ObjectAccess implements Objects {

    private final ServedTypes types;
    private final ObjectStore store;
    private final InstantSource clock;
    private final Creates creates;
    private final Updates updates;
    private final Deletes deletes;

    public ObjectAccess(ServedTypes types, ObjectStore store, InstantSource clock, RandomGenerator random) {
        var open = new Admission(List.of(), new AdmissionMetrics());
        var removals = new Removals(store);
        this.types = types;
        this.store = store;
        this.clock = clock;
        this.creates = new Creates(store, open, random);
        this.updates = new Updates(store, open, removals);
        this.deletes = new Deletes(store, open, removals);
    }

    @Override
    public @Nullable ObjectNode get(GroupResource resource, String namespace, String name) {
        var type = types.table().stored(resource);
        var entry = type == null ? null : store.get(type.storage(), namespace, name);
        return entry == null ? null : StoredJson.decode(entry);
    }

    @Override
    public List<ObjectNode> list(GroupResource resource, String namespace) {
        var type = types.table().stored(resource);
        if (type == null) {
            return List.of();
        }
        var result = new java.util.ArrayList<ObjectNode>();
        for (var entry : store.store().snapshot().range(type.storage().prefix(namespace), null)) {
            result.add(StoredJson.decode(entry));
        }
        return result;
    }

    @Override
    public long count(GroupResource resource, String namespace) {
        var type = types.table().stored(resource);
        return type == null ? 0 : store.store().snapshot().count(type.storage().prefix(namespace));
    }

    @Override
    public ObjectNode create(GroupResource resource, ObjectNode object) {
        var type = type(resource);
        var body = object.deepCopy();
        body.put("apiVersion", type.gvk().apiVersion()).put("kind", type.gvk().kind());
        Pruner.prune(body, type.schema());
        Defaulter.apply(body, type.schema());
        return creates.create(call(type, Meta.namespace(object), "", "create"), body)
                .tree()
                .deepCopy();
    }

    @Override
    public ObjectNode modify(GroupResource resource, String namespace, String name, UnaryOperator<ObjectNode> change) {
        var type = type(resource);
        var result = updates.update(call(type, namespace, name, "update"), old -> change.apply(old.deepCopy()), false);
        if (result == null) {
            throw ApiException.notFound(resource, name);
        }
        return result.tree().deepCopy();
    }

    @Override
    public void delete(GroupResource resource, String namespace, String name) {
        try {
            var call = call(type(resource), namespace, name, "delete");
            deletes.delete(call, DeleteOptions.DEFAULT);
        } catch (ApiException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
    }

    @Override
    public void delete(GroupResource resource, String namespace, String name, ObjectNode options) {
        var request = ApiRequest.of(UserInfo.APISERVER, "DELETE", "/");
        deletes.delete(call(type(resource), namespace, name, "delete"), DeleteOptions.of(request, options));
    }

    @Override
    public AutoCloseable follow(GroupResource resource, ChangeListener listener) {
        var type = type(resource);
        var snapshot = store.store().snapshot();
        for (var entry : snapshot.range(type.storage().prefix(), null)) {
            listener.changed(null, StoredJson.decode(entry));
        }
        return store.store().watch(type.storage().prefix(), snapshot.revision(), events -> tell(events, listener));
    }

    /** The former state comes with the event: followers of many objects would otherwise hold all of them. */
    private static void tell(List<Event> events, ChangeListener listener) {
        for (var event : events) {
            var previous = event.previous();
            var before = previous == null ? null : StoredJson.decode(previous);
            var after = event.type() == Event.Type.DELETE ? null : StoredJson.decode(event.entry());
            listener.changed(before, after);
        }
    }

    @Override
    public Reservations reservations(String range) {
        return new StoredReservations(store.store(), range);
    }

    @Override
    public @Nullable GroupResource resourceOf(String apiVersion, String kind) {
        return types.table().all().stream()
                .filter(t -> t.gvk().apiVersion().equals(apiVersion)
                        && t.gvk().kind().equals(kind))
                .map(t -> t.storage().resource())
                .findFirst()
                .orElse(null);
    }

    @Override
    public Set<String> apiVersions() {
        return types.table().all().stream()
                .map(t -> t.gvk().apiVersion())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public boolean namespaced(GroupResource resource) {
        var type = types.table().stored(resource);
        return type != null && type.namespaced();
    }

    @Override
    public List<String> apiVersionsOf(GroupResource resource) {
        var stored = types.table().stored(resource);
        return types.table().all().stream()
                .filter(t -> t.storage().resource().equals(resource))
                .sorted(Comparator.comparing(t -> t != stored))
                .map(t -> t.gvk().apiVersion())
                .toList();
    }

    @Override
    public @Nullable Schema schema(GroupResource resource, String apiVersion) {
        var type = served(resource, apiVersion);
        return type == null ? null : type.schema();
    }

    @Override
    public ObjectNode toVersion(GroupResource resource, String apiVersion, ObjectNode stored) {
        var type = served(resource, apiVersion);
        return type == null ? stored.deepCopy() : type.conversion().fromStorage(stored.deepCopy());
    }

    @Override
    public ObjectNode fromVersion(GroupResource resource, String apiVersion, ObjectNode served) {
        var type = served(resource, apiVersion);
        return type == null ? served.deepCopy() : type.conversion().toStorage(served.deepCopy());
    }

    private @Nullable ServedType served(GroupResource resource, String apiVersion) {
        return types.table().all().stream()
                .filter(t -> t.storage().resource().equals(resource)
                        && t.gvk().apiVersion().equals(apiVersion))
                .findFirst()
                .orElse(null);
    }

    @Override
    public void complete(GroupResource resource, ObjectNode object) {
        var type = type(resource);
        Pruner.prune(object, type.schema());
        Defaulter.apply(object, type.schema());
        type.storage().rules().setDefaults(object);
    }

    private ServedType type(GroupResource resource) {
        var type = types.table().stored(resource);
        if (type == null) {
            throw ApiException.pageNotFound();
        }
        return type;
    }

    private WriteCall call(ServedType type, String namespace, String name, String verb) {
        var gvk = type.gvk();
        var attributes = Attributes.ofResource(
                verb, gvk.group(), gvk.version(), type.type().plural(), "", namespace, name);
        var context = new RequestContext(UserInfo.APISERVER, attributes, false, "kube-apiserver", this, clock);
        return WriteCall.internal(type, namespace, name, context);
    }
}
