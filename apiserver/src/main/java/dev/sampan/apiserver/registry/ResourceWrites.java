package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Decoded;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The writing verbs as requests make them: bodies and patches turned into creates, updates and deletes. Thread-safe. */
public final class ResourceWrites {

    /** @param created whether the object did not exist before */
    public record Result(ObjectView view, boolean created) {}

    private final Reads reads;
    private final Creates creates;
    private final Updates updates;
    private final Deletes deletes;
    private final Function<GroupVersionKind, Schema> schemas;

    /** @param schemas structures of kinds that are not resources, such as Scale */
    public ResourceWrites(
            ObjectStore store,
            List<AdmissionPlugin> plugins,
            AdmissionMetrics metrics,
            RandomGenerator random,
            Function<GroupVersionKind, Schema> schemas) {
        var admission = new Admission(plugins, metrics);
        var removals = new Removals(store);
        this.reads = new Reads(store);
        this.creates = new Creates(store, admission, random);
        this.updates = new Updates(store, admission, removals);
        this.deletes = new Deletes(store, admission, removals);
        this.schemas = schemas;
    }

    public ObjectView create(WriteCall call, Decoded body, ApiRequest request) {
        var object = Incoming.body(call.type(), body, FieldValidation.of(request), call.context());
        return creates.create(call, FieldOwners.created(call, object));
    }

    /** PUT of the object or one of its parts. */
    public Result replace(WriteCall call, Decoded body, ApiRequest request) {
        var object = Incoming.body(call.type(), body, FieldValidation.of(request), call.context());
        checkNames(call, object);
        var updated = updates.update(call, old -> stored(call, call.type().fromStorage(old), object.deepCopy()), true);
        if (updated != null) {
            return new Result(updated, false);
        }
        if (!call.storage().rules().allowsCreateOnUpdate()
                || !call.subresource().isEmpty()) {
            throw call.notFound();
        }
        call.context().requireAlso("create");
        Meta.of(object).remove("resourceVersion");
        return new Result(creates.create(call, FieldOwners.created(call, object)), true);
    }

    /** PATCH of the object or one of its parts. */
    public Result patch(WriteCall call, ApiRequest request) {
        if (ApplyPatch.isOne(request)) {
            return apply(call, request);
        }
        var type = call.type();
        var patch = Patches.read(request, type.custom());
        var validation = FieldValidation.of(request);
        var updated = updates.update(
                call,
                old -> {
                    var live = type.fromStorage(old);
                    var patched = patch.apply(live, type.schema());
                    var object = Incoming.patched(type, patched, patch.patch(), validation, call.context());
                    checkNames(call, object);
                    return stored(call, live, object);
                },
                false);
        if (updated == null) {
            throw call.notFound();
        }
        return new Result(updated, false);
    }

    /** PATCH by server-side apply; creates the object when there is none. */
    private Result apply(WriteCall call, ApiRequest request) {
        var patch = ApplyPatch.read(request, call, call.type().gvk());
        var updated = updates.update(call, old -> applied(call, call.type().fromStorage(old), patch), false);
        if (updated != null) {
            return new Result(updated, false);
        }
        if (!call.subresource().isEmpty()) {
            throw call.notFound();
        }
        call.context().requireAlso("create");
        var object = merged(call, null, patch);
        if (!Meta.uid(object).isEmpty()) {
            var why = "uid mismatch: the provided object specified uid %s, and no existing object was found"
                    .formatted(Meta.uid(object));
            throw ApiException.conflict(call.type().resource(), call.name(), why);
        }
        return new Result(creates.create(call, object), true);
    }

    private static ObjectNode applied(WriteCall call, ObjectNode live, ApplyPatch patch) {
        return settled(call.type(), live, merged(call, live, patch));
    }

    /** The live object with the configuration merged in, and defaults for what is new. */
    private static ObjectNode merged(WriteCall call, @Nullable ObjectNode live, ApplyPatch patch) {
        checkNames(call, patch.configuration().deepCopy());
        var result = FieldOwners.applied(call, live, patch.configuration(), patch.force());
        var object = Incoming.patched(
                call.type(), result.deepCopy(), patch.configuration(), FieldValidation.Ignore, call.context());
        checkNames(call, object);
        return object;
    }

    public ObjectNode scale(WriteCall call) {
        var view = reads.get(call.type(), call.namespace(), call.name(), "");
        return Scales.of(view.tree(), paths(call));
    }

    public ObjectNode replaceScale(WriteCall call, Decoded body) {
        return updateScale(call, present -> (ObjectNode) body.tree(), true);
    }

    public ObjectNode patchScale(WriteCall call, ApiRequest request) {
        if (ApplyPatch.isOne(request)) {
            return applyScale(call, request);
        }
        var patch = Patches.read(request, false);
        var schema = schemas.apply(new GroupVersionKind("autoscaling", "v1", "Scale"));
        return updateScale(call, present -> patch.apply(present, schema), false);
    }

    /** Who applies a Scale owns the object's replicas through the scale subresource. */
    private ObjectNode applyScale(WriteCall call, ApiRequest request) {
        var type = call.type();
        var paths = paths(call);
        var patch = ApplyPatch.read(request, call, new GroupVersionKind("autoscaling", "v1", "Scale"));
        var updated = updates.update(
                call,
                old -> {
                    var live = type.fromStorage(old);
                    var configuration = Scales.configuration(live, patch.configuration(), type, paths);
                    return applied(call, live, new ApplyPatch(configuration, patch.force()));
                },
                false);
        if (updated == null) {
            throw call.notFound();
        }
        return Scales.of(updated.tree(), paths);
    }

    private ObjectNode updateScale(WriteCall call, Function<ObjectNode, ObjectNode> change, boolean insistent) {
        var type = call.type();
        var paths = paths(call);
        var updated = updates.update(
                call,
                old -> {
                    var live = type.fromStorage(old);
                    var scale = change.apply(Scales.of(live, paths));
                    return stored(call, live, Scales.apply(live, scale, type, paths));
                },
                insistent);
        if (updated == null) {
            throw call.notFound();
        }
        return Scales.of(updated.tree(), paths);
    }

    public Deletes.Outcome delete(WriteCall call, DeleteOptions options) {
        return deletes.delete(options.dryRun() ? call.asDryRun() : call, options);
    }

    /** Deletes objects one after the other; those that are gone meanwhile do not matter. */
    public void deleteAll(WriteCall collection, List<ObjectView> items, DeleteOptions options) {
        for (var item : items) {
            var object = item.tree();
            try {
                delete(collection.forObject(Meta.namespace(object), Meta.name(object)), options);
            } catch (ApiException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
        }
    }

    /** A changed object as it is stored, with what the change did to its managers. */
    private static ObjectNode stored(WriteCall call, ObjectNode live, ObjectNode changed) {
        return settled(call.type(), live, FieldOwners.updated(call, live, changed));
    }

    private static ObjectNode settled(ServedType type, ObjectNode live, ObjectNode served) {
        ObjectValidation.beforeConversion(type, served, live);
        var object = type.conversion().toStorage(served);
        type.storage().rules().setDefaults(object);
        return object;
    }

    private static ServedType.ScalePaths paths(WriteCall call) {
        return Objects.requireNonNull(call.type().scale(), "type without scale");
    }

    /** Names in the body, where given, are those of the path. */
    private static void checkNames(WriteCall call, ObjectNode object) {
        var name = Meta.name(object);
        if (name.isEmpty()) {
            Meta.of(object).put("name", call.name());
        } else if (!name.equals(call.name())) {
            throw ApiException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)".formatted(name, call.name()));
        }
        var namespace = Meta.namespace(object);
        if (!call.type().namespaced()) {
            Meta.of(object).remove("namespace");
        } else if (namespace.isEmpty()) {
            Meta.of(object).put("namespace", call.namespace());
        } else if (!namespace.equals(call.namespace())) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }
}
