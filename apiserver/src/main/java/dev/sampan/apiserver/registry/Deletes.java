package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.store.Entry;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** DELETE: removes an object, or marks it and leaves it to finalizers and to its grace period. */
public final class Deletes {

    /** @param removed whether the object is gone; otherwise {@code view} shows how it waits for its end */
    public record Outcome(ObjectView view, boolean removed) {}

    private final ObjectStore store;
    private final Admission admission;
    private final Removals removals;

    public Deletes(ObjectStore store, Admission admission, Removals removals) {
        this.store = store;
        this.admission = admission;
        this.removals = removals;
    }

    /** @throws ApiException NotFound, Conflict when a precondition fails, or what admission says */
    public Outcome delete(WriteCall call, DeleteOptions options) {
        while (true) {
            var entry = store.get(call.storage(), call.namespace(), call.name());
            if (entry == null) {
                throw call.notFound();
            }
            var object = StoredJson.decode(entry);
            checkPreconditions(call, options, object);
            var review = call.admission(Operation.DELETE, null, object.deepCopy());
            admission.mutate(review);
            admission.validate(review);
            var outcome = delete(call, options, entry, object);
            if (outcome != null) {
                return outcome;
            }
        }
    }

    private @Nullable Outcome delete(WriteCall call, DeleteOptions options, Entry entry, ObjectNode object) {
        var old = object.deepCopy();
        var rules = call.storage().rules();
        Meta.setFinalizers(object, options.finalizers(Meta.finalizers(object), rules.orphansByDefault()));
        if (Meta.deleting(old)) {
            shorten(call, options, object);
        } else {
            mark(call, options, object);
        }
        if (Removals.due(call.storage(), object)) {
            var removed = removals.remove(call, entry, object);
            return removed == null ? null : new Outcome(removed, true);
        }
        if (object.equals(old)) {
            return new Outcome(ObjectView.of(call.type(), entry), false);
        }
        if (call.dryRun()) {
            return new Outcome(ObjectView.ofStorageTree(call.type(), object), false);
        }
        var written = store.replace(entry, StoredJson.encode(object));
        return written == null ? null : new Outcome(ObjectView.of(call.type(), written), false);
    }

    private static void mark(WriteCall call, DeleteOptions options, ObjectNode object) {
        var rules = call.storage().rules();
        var asked = rules.gracePeriodSeconds(object, options.gracePeriodSeconds());
        long grace = asked == null ? 0 : asked;
        var metadata = Meta.of(object);
        metadata.put("deletionTimestamp", Meta.time(call.context().now().plusSeconds(grace)));
        metadata.put("deletionGracePeriodSeconds", grace);
        if (Meta.generation(object) > 0) {
            metadata.put("generation", Meta.generation(object) + 1);
        }
        rules.markDeleting(object, call.context());
    }

    /** A second DELETE may only bring the end nearer. */
    private static void shorten(WriteCall call, DeleteOptions options, ObjectNode object) {
        var requested = options.gracePeriodSeconds();
        if (requested == null || call.storage().rules().gracePeriodSeconds(object, requested) == null) {
            return;
        }
        var metadata = Meta.of(object);
        long present = metadata.path("deletionGracePeriodSeconds").asLong(0);
        if (requested < present) {
            var end = Instant.parse(Meta.text(object, "deletionTimestamp"));
            metadata.put("deletionTimestamp", Meta.time(end.minusSeconds(present - requested)));
            metadata.put("deletionGracePeriodSeconds", requested.longValue());
        }
    }

    private static void checkPreconditions(WriteCall call, DeleteOptions options, ObjectNode object) {
        check(call, "UID", options.uid(), Meta.uid(object));
        check(call, "ResourceVersion", options.resourceVersion(), Meta.resourceVersion(object));
    }

    private static void check(WriteCall call, String what, String wanted, String actual) {
        if (!wanted.isEmpty() && !wanted.equals(actual)) {
            throw ApiException.conflict(
                    call.type().resource(),
                    call.name(),
                    "Precondition failed: %s in precondition: %s, %s in object meta: %s"
                            .formatted(what, wanted, what, actual));
        }
    }
}
