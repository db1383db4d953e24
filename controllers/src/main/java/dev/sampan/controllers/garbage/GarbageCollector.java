package dev.sampan.controllers.garbage;

import dev.sampan.client.Controller;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.discovery.Discovery;
import dev.sampan.controllers.discovery.MetadataWatch;
import dev.sampan.controllers.discovery.ResourceKind;
import dev.sampan.controllers.discovery.Rest;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Watches the metadata of every kind that can be deleted, custom resources too, and deletes what nobody owns any more.
 * Discovery is repeated every half minute and when a CustomResourceDefinition changes. The map of watches belongs to the
 * refresh, of which one runs at a time.
 */
public final class GarbageCollector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);
    private static final Duration REFRESH = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(500);
    private static final int CONFLICT = 409;
    private static final Set<String> IGNORED = Set.of("events.", "events.events.k8s.io");
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Rest rest;
    private final Discovery discovery;
    private final Graph graph = new Graph();
    private final Map<ResourceKind, MetadataWatch> watches = new HashMap<>();
    private final Controller<String> deleter;
    private final Controller<String> orphaner;
    private final Controller<String> refresher;
    private volatile Map<String, ResourceKind> byKind = Map.of();

    public GarbageCollector(KubernetesClient client, Timers timers, int workers) {
        this.rest = new Rest(client);
        this.discovery = new Discovery(rest);
        this.deleter = new Controller<>("garbage", timers, workers, this::examine);
        this.orphaner = new Controller<>("garbage-orphan", timers, 1, this::orphan);
        this.refresher = new Controller<>("garbage-discovery", timers, 1, key -> refresh());
    }

    public void start() {
        refresher.queue().add("discovery");
        refresher.start();
        deleter.start();
        orphaner.start();
    }

    @Override
    public void close() {
        refresher.close();
        deleter.close();
        orphaner.close();
        synchronized (watches) {
            watches.values().forEach(MetadataWatch::close);
        }
    }

    private Result refresh() {
        var found = discovery.preferred();
        var wanted = new HashSet<ResourceKind>();
        for (var kind : found.kinds()) {
            var verbs = kind.verbs();
            if (verbs.containsAll(List.of("list", "watch", "delete")) && !IGNORED.contains(kind.resourceAndGroup())) {
                wanted.add(kind);
            }
        }
        var kinds = new HashMap<String, ResourceKind>();
        found.kinds().forEach(k -> kinds.put(k.group() + "/" + k.kind(), k));
        byKind = Map.copyOf(kinds);
        synchronized (watches) {
            if (found.failures().isEmpty()) {
                watches.keySet().removeIf(kind -> !wanted.contains(kind) && stop(kind));
            }
            wanted.forEach(kind -> watches.computeIfAbsent(
                    kind, k -> new MetadataWatch(rest, k, (change, metadata) -> changed(k, change, metadata))));
        }
        return Result.again(REFRESH);
    }

    private boolean stop(ResourceKind kind) {
        var watch = watches.get(kind);
        if (watch != null) {
            LOG.debug("{} is not served any more", kind.resourceAndGroup());
            watch.close();
        }
        return true;
    }

    private void changed(ResourceKind kind, MetadataWatch.Change change, JsonNode metadata) {
        var object = Meta.of(kind, metadata);
        enqueue(
                switch (change) {
                    case PRESENT -> graph.present(object);
                    case DELETED -> graph.gone(object.uid());
                });
        if (kind.plural().equals("customresourcedefinitions")) {
            refresher.queue().addAfter("discovery", SOON);
        }
    }

    private void enqueue(Graph.Next next) {
        next.delete().forEach(deleter.queue()::add);
        next.orphan().forEach(orphaner.queue()::add);
    }

    private Result examine(String uid) {
        var known = graph.get(uid);
        if (known == null || (known.deleting() && !known.awaitsDependents())) {
            return Result.done();
        }
        var object = live(known);
        if (object == null) {
            enqueue(graph.gone(uid));
            return Result.done();
        }
        var owners = new HashMap<String, Verdict.OwnerState>();
        if (!object.deleting()) {
            for (var owner : object.owners()) {
                var state = state(object, owner);
                if (state == null) {
                    return Result.retry("kind of owner " + owner.kind() + " " + owner.name() + " is not known");
                }
                owners.put(owner.uid(), state);
            }
        }
        return apply(object, Verdict.of(object, owners, graph.dependents(uid)));
    }

    /** As the API server has it now; null when it is gone or another object has its name. */
    private @Nullable Meta live(Meta known) {
        var answer = rest.getMetadata(known.path(), false);
        if (answer.isNotFound()) {
            return null;
        }
        var live = Meta.of(known.kind(), answer.orThrow().body().path("metadata"));
        return live.uid().equals(known.uid()) ? live : null;
    }

    /** Null when the owner's kind is not served, so that nothing can be said. */
    private Verdict.@Nullable OwnerState state(Meta object, Meta.Owner owner) {
        int slash = owner.apiVersion().indexOf('/');
        var group = slash < 0 ? "" : owner.apiVersion().substring(0, slash);
        var kind = byKind.get(group + "/" + owner.kind());
        if (kind == null || (kind.namespaced() && object.namespace().isEmpty())) {
            return null;
        }
        var answer = rest.getMetadata(kind.path(object.namespace(), owner.name()), false);
        if (answer.isNotFound()) {
            return Verdict.OwnerState.ABSENT;
        }
        var live = Meta.of(kind, answer.orThrow().body().path("metadata"));
        if (!live.uid().equals(owner.uid())) {
            return Verdict.OwnerState.ABSENT;
        }
        return live.awaitsDependents() ? Verdict.OwnerState.AWAITS_DEPENDENTS : Verdict.OwnerState.SOLID;
    }

    private Result apply(Meta object, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Keep() -> Result.done();
            case Verdict.Delete(var propagation) -> delete(object, propagation);
            case Verdict.DropOwners(var uids) -> patchOwners(object, o -> !uids.contains(text(o, "uid")));
            case Verdict.BreakCircle(var dependents) -> {
                dependents.forEach(d -> unblock(d, object.uid()));
                yield delete(object, "Foreground");
            }
            case Verdict.Release() -> removeFinalizer(object, Meta.FOREGROUND);
            case Verdict.Await(var dependents) -> {
                dependents.forEach(d -> deleter.queue().add(d.uid()));
                yield Result.done();
            }
        };
    }

    private Result delete(Meta object, String propagation) {
        LOG.debug("deleting {} {}/{}", object.kind().plural(), object.namespace(), object.name());
        var options = MAPPER.createObjectNode().put("propagationPolicy", propagation);
        options.putObject("preconditions").put("uid", object.uid()).put("resourceVersion", object.resourceVersion());
        var answer = rest.delete(object.path(), options);
        if (answer.code() == CONFLICT) {
            return Result.retry(answer.message());
        }
        if (!answer.isNotFound()) {
            answer.orThrow();
        }
        return Result.done();
    }

    private Result orphan(String uid) {
        var owner = graph.get(uid);
        if (owner == null) {
            return Result.done();
        }
        for (var dependent : graph.dependents(uid)) {
            var result = patchOwners(dependent, o -> !uid.equals(text(o, "uid")));
            if (!(result instanceof Result.Done)) {
                return result;
            }
        }
        return removeFinalizer(owner, Meta.ORPHAN);
    }

    private void unblock(Meta dependent, String ownerUid) {
        editMetadata(
                dependent,
                metadata -> {
                    for (var owner : metadata.path("ownerReferences")) {
                        if (text(owner, "uid").equals(ownerUid)
                                && owner instanceof tools.jackson.databind.node.ObjectNode reference) {
                            reference.put("blockOwnerDeletion", false);
                        }
                    }
                    return metadata.path("ownerReferences");
                },
                "ownerReferences");
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private Result patchOwners(Meta object, Predicate<JsonNode> kept) {
        return editMetadata(object, metadata -> filtered(metadata.path("ownerReferences"), kept), "ownerReferences");
    }

    private Result removeFinalizer(Meta object, String finalizer) {
        return editMetadata(
                object,
                metadata -> filtered(
                        metadata.path("finalizers"), f -> !f.asString("").equals(finalizer)),
                "finalizers");
    }

    private static JsonNode filtered(JsonNode array, Predicate<JsonNode> kept) {
        var result = MAPPER.createArrayNode();
        array.forEach(item -> {
            if (kept.test(item)) {
                result.add(item);
            }
        });
        return result;
    }

    @FunctionalInterface
    private interface Edit {
        JsonNode value(JsonNode metadata);
    }

    /** Reads, edits one list and writes it with the version that was read; a conflict is tried again. */
    private Result editMetadata(Meta object, Edit edit, String field) {
        var answer = rest.getMetadata(object.path(), false);
        if (answer.isNotFound()) {
            return Result.done();
        }
        var metadata = answer.orThrow().body().path("metadata");
        if (!text(metadata, "uid").equals(object.uid())) {
            return Result.done();
        }
        var before = metadata.path(field).deepCopy();
        var value = edit.value(metadata);
        if (value.equals(before)) {
            return Result.done();
        }
        var patch = MAPPER.createObjectNode();
        patch.putObject("metadata")
                .put("resourceVersion", text(metadata, "resourceVersion"))
                .set(field, value);
        var patched = rest.mergePatch(object.path(), patch);
        if (patched.code() == CONFLICT) {
            return Result.retry(patched.message());
        }
        if (!patched.isNotFound()) {
            patched.orThrow();
        }
        return Result.done();
    }
}
