package dev.sampan.controllers.garbage;

import dev.sampan.controllers.discovery.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What garbage collection needs of an object.
 *
 * @param namespace empty for cluster-scoped objects
 */
record Meta(
        ResourceKind kind,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        boolean deleting,
        List<Owner> owners,
        List<String> finalizers) {

    static final String ORPHAN = "orphan";
    static final String FOREGROUND = "foregroundDeletion";

    record Owner(String apiVersion, String kind, String name, String uid, boolean blocks) {}

    static Meta of(ResourceKind kind, JsonNode metadata) {
        var owners = new ArrayList<Owner>();
        for (var o : metadata.path("ownerReferences")) {
            owners.add(new Owner(
                    o.path("apiVersion").asString(""),
                    o.path("kind").asString(""),
                    o.path("name").asString(""),
                    o.path("uid").asString(""),
                    o.path("blockOwnerDeletion").asBoolean(false)));
        }
        var finalizers = new ArrayList<String>();
        metadata.path("finalizers").forEach(f -> finalizers.add(f.asString("")));
        return new Meta(
                kind,
                metadata.path("namespace").asString(""),
                metadata.path("name").asString(""),
                metadata.path("uid").asString(""),
                metadata.path("resourceVersion").asString(""),
                !metadata.path("deletionTimestamp").isMissingNode(),
                List.copyOf(owners),
                List.copyOf(finalizers));
    }

    String path() {
        return kind.path(namespace, name);
    }

    /** It is being deleted and waits for its dependents to go first. */
    boolean awaitsDependents() {
        return deleting && finalizers.contains(FOREGROUND);
    }

    /** It is being deleted and its dependents are to be kept. */
    boolean orphansDependents() {
        return deleting && finalizers.contains(ORPHAN);
    }

    boolean blocks(String ownerUid) {
        return owners.stream().anyMatch(o -> o.uid().equals(ownerUid) && o.blocks());
    }
}
