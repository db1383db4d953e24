package dev.sampan.schema.apply;

import dev.sampan.schema.Schema;
import dev.sampan.schema.apply.ManagedFields.Manager;
import dev.sampan.schema.apply.ManagedFields.Owned;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@code metadata.managedFields} through creates, updates, patches and applies of one kind, and carries out server-side
 * apply. Immutable. Objects are in the version that the schema describes; entries of other versions are read as if they
 * were of it.
 */
public final class FieldManager {

    private static final int MAX_UPDATERS = 10;

    /** What belongs to the server or names the object: nobody owns it. */
    private static final FieldSet NOT_OWNED = FieldSet.ofFields(
            "apiVersion",
            "kind",
            "metadata",
            "metadata.name",
            "metadata.namespace",
            "metadata.creationTimestamp",
            "metadata.selfLink",
            "metadata.uid",
            "metadata.generation",
            "metadata.managedFields",
            "metadata.resourceVersion");

    private final Schema schema;
    private final String subresource;
    private final FieldSet reset;

    /**
     * @param schema of the objects
     * @param subresource through which requests come; empty for the object itself
     * @param reset fields that requests through this path cannot change, such as {@code status}; never owned by it
     */
    public FieldManager(Schema schema, String subresource, FieldSet reset) {
        this.schema = schema;
        this.subresource = subresource;
        this.reset = reset;
    }

    /**
     * Records who changed what in a create, update or patch. On a create, {@code live} is the object with its kind and
     * metadata name alone.
     *
     * @param live before; with its managedFields
     * @param changed after; its managedFields are taken over when it brings any, as Kubernetes does
     * @param manager {@code fieldManager} of the request, or the first part of its user agent
     * @return {@code changed} with new managedFields
     */
    public ObjectNode update(ObjectNode live, ObjectNode changed, String manager, Instant now) {
        var managers = managersOf(live, changed);
        var before = withoutManagedFields(live);
        var after = withoutManagedFields(changed);
        if (managers.isEmpty() && live.path("metadata").has("uid")) {
            return after; // a client had all managers forgotten; the next apply starts anew
        }
        var compare = Typed.compare(before, after, schema).without(reset);
        release(managers, null, compare);
        var mine = compare.changed().difference(NOT_OWNED);
        if (!mine.isEmpty()) {
            var self = Manager.updater(manager, after.path("apiVersion").asString(""), subresource);
            var known = managers.get(self);
            managers.put(
                    self, known == null ? new Owned(mine, self.apiVersion(), time(now)) : known.and(mine, time(now)));
        }
        capUpdaters(managers);
        return withManagedFields(after, managers, live);
    }

    /**
     * Applies a configuration.
     *
     * @param live the object as it is, or with its kind and metadata name alone when the apply creates it
     * @param applied the configuration, without managedFields
     * @param force take fields from others instead of refusing
     * @return the new object with its managedFields; equal to {@code live} when nothing changed
     * @throws ApplyConflictException when others own fields that would change
     * @throws ApplyException when the configuration does not fit the schema
     */
    public ObjectNode apply(ObjectNode live, ObjectNode applied, String manager, boolean force, Instant now) {
        Typed.check(applied, schema);
        var managers = ManagedFields.decode(live.path("metadata").get("managedFields"));
        if (managers.isEmpty()) {
            before(live, managers, applied);
        }
        if (!manager.equals(LastApplied.MANAGER)) {
            return apply(live, applied, managers, manager, force, now);
        }
        try {
            return LastApplied.renewed(apply(live, applied, managers, manager, force, now), applied);
        } catch (ApplyConflictException e) {
            if (LastApplied.allows(live, e, schema)) {
                return LastApplied.renewed(apply(live, applied, managers, manager, true, now), applied);
            }
            throw e;
        }
    }

    /** What an object had before its first apply belongs to nobody in particular. */
    private void before(ObjectNode live, Map<Manager, Owned> managers, ObjectNode applied) {
        var empty = JsonNodeFactory.instance.objectNode();
        var fields = Typed.compare(empty, withoutManagedFields(live), schema)
                .changed()
                .difference(NOT_OWNED);
        if (live.path("metadata").has("uid") && !fields.isEmpty()) {
            var apiVersion = applied.path("apiVersion").asString("");
            managers.put(Manager.updater("before-first-apply", apiVersion, ""), new Owned(fields, apiVersion, null));
        }
    }

    private ObjectNode apply(
            ObjectNode live, ObjectNode applied, Map<Manager, Owned> known, String name, boolean force, Instant now) {
        var managers = new LinkedHashMap<>(known);
        var self = Manager.applier(name, subresource);
        var last = managers.get(self);
        var before = withoutManagedFields(live);
        var config = withoutManagedFields(applied);
        var fields = Typed.fields(config, schema).recursiveDifference(reset);
        managers.put(self, new Owned(fields, applied.path("apiVersion").asString(""), time(now)));
        var merged = Merge.merge(before, config, schema);
        if (last != null) {
            merged = prune(merged, managers, last.fields());
        }
        var compare = Typed.compare(before, merged, schema).without(reset);
        if (!force) {
            refuseConflicts(managers, self, compare);
        }
        release(managers, self, compare);
        var own = managers.get(self);
        if (own != null) {
            var stripped = own.fields().difference(NOT_OWNED);
            if (stripped.isEmpty()) {
                managers.remove(self);
            } else {
                managers.put(self, own.with(stripped));
            }
        }
        return withManagedFields(merged, managers, live);
    }

    /** Removes what the applier set last time, sets no more, and nobody else owns. */
    private ObjectNode prune(ObjectNode merged, Map<Manager, Owned> managers, FieldSet last) {
        var pruned = Typed.without(merged, last.withNamedFields(schema), schema);
        var owned = new FieldSet();
        for (var manager : managers.values()) {
            owned = owned.union(manager.fields());
        }
        var mergedFields = Typed.fields(merged, schema).withNamedFields(schema);
        var prunedFields = Typed.fields(pruned, schema).withNamedFields(schema);
        var kept = prunedFields.union(owned.withNamedFields(schema));
        pruned = Typed.without(merged, mergedFields.difference(kept), schema);
        prunedFields = Typed.fields(pruned, schema).withNamedFields(schema);
        var gone = mergedFields.difference(prunedFields).intersection(last.withNamedFields(schema));
        return Typed.without(merged, gone, schema);
    }

    private static void refuseConflicts(Map<Manager, Owned> managers, Manager self, Typed.Comparison compare) {
        var conflicts = new ArrayList<ApplyConflictException.Conflict>();
        managers.forEach((manager, owned) -> {
            if (!manager.equals(self)) {
                owned.fields()
                        .intersection(compare.changed())
                        .paths()
                        .forEach(path ->
                                conflicts.add(new ApplyConflictException.Conflict(print(manager, owned), path)));
            }
        });
        if (!conflicts.isEmpty()) {
            conflicts.sort(Comparator.comparing(ApplyConflictException.Conflict::manager)
                    .thenComparing(ApplyConflictException.Conflict::field));
            throw new ApplyConflictException(conflicts);
        }
    }

    private static String print(Manager manager, Owned owned) {
        var text = "\"" + manager.name() + "\"";
        if (!manager.subresource().isEmpty()) {
            text += " with subresource \"" + manager.subresource() + "\"";
        }
        if (manager.applies()) {
            return text;
        }
        text += " using " + owned.apiVersion();
        return owned.time() == null ? text : text + " at " + owned.time();
    }

    /** Others no longer own what changed under them, and nobody owns what is gone. */
    private static void release(Map<Manager, Owned> managers, @Nullable Manager self, Typed.Comparison compare) {
        var changed = compare.changed();
        for (var entry : List.copyOf(managers.entrySet())) {
            if (entry.getKey().equals(self)
                    || entry.getValue().isApartFrom(changed) && entry.getValue().isApartFrom(compare.removed())) {
                continue;
            }
            var left = entry.getValue().fields().difference(changed).difference(compare.removed());
            if (left.isEmpty()) {
                managers.remove(entry.getKey());
            } else {
                managers.put(entry.getKey(), entry.getValue().with(left));
            }
        }
    }

    private Map<Manager, Owned> managersOf(ObjectNode live, ObjectNode changed) {
        var old = live.path("metadata").get("managedFields");
        var brought = changed.path("metadata").get("managedFields");
        if (!subresource.isEmpty()) {
            return ManagedFields.decode(old);
        }
        if (ManagedFields.isReset(brought)) {
            return new LinkedHashMap<>();
        }
        if (brought == null || brought.equals(old)) {
            return ManagedFields.decode(old);
        }
        var managers = ManagedFields.decodeForeign(brought);
        return managers.isEmpty() ? ManagedFields.decode(old) : managers;
    }

    /** More than ten updaters of one kind of access become one, the oldest first. */
    private static void capUpdaters(Map<Manager, Owned> managers) {
        var updaters = managers.entrySet().stream()
                .filter(e -> !e.getKey().applies() && e.getKey().subresource().isEmpty())
                .sorted(Comparator.comparing(
                        e -> e.getValue().time() == null ? "" : e.getValue().time()))
                .toList();
        int excess = updaters.size() - MAX_UPDATERS;
        if (excess <= 0) {
            return;
        }
        for (var entry : updaters.subList(0, excess + 1)) {
            var ancient = Manager.updater("ancient-changes", entry.getKey().apiVersion(), "");
            managers.remove(entry.getKey());
            managers.merge(
                    ancient,
                    entry.getValue(),
                    (a, b) -> new Owned(a.fields().union(b.fields()), a.apiVersion(), b.time()));
        }
    }

    private static String time(Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Shares everything else with the object: neither is changed. */
    private static ObjectNode withoutManagedFields(ObjectNode object) {
        var copy = JsonNodeFactory.instance.objectNode();
        copy.setAll(object);
        if (copy.get("metadata") instanceof ObjectNode metadata) {
            var rest = JsonNodeFactory.instance.objectNode();
            rest.setAll(metadata);
            rest.remove("managedFields");
            copy.set("metadata", rest);
        }
        return copy;
    }

    /** Times alone are no change: then the old entries stay. */
    private static ObjectNode withManagedFields(ObjectNode object, Map<Manager, Owned> managers, ObjectNode live) {
        JsonNode encoded = ManagedFields.encode(managers);
        var old = live.path("metadata").get("managedFields");
        if (old != null && ManagedFields.sameButTimes(encoded, old) && object.equals(withoutManagedFields(live))) {
            encoded = old;
        }
        if (!encoded.isEmpty()) {
            object.withObject("metadata").set("managedFields", encoded);
        }
        return object;
    }
}
