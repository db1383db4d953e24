package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Shows a request in the version that a rule names. Pure functions. */
public final class Versions {

    /** Whose object is the resource's own. */
    private static final Set<String> WHOLE = Set.of("", "status");

    private Versions() {}

    /** The request with copies of its objects in {@code apiVersion}; itself when they are in that version. */
    public static AdmissionRequest in(String apiVersion, AdmissionRequest request) {
        var group = request.resource().group();
        var stored = group.isEmpty() ? request.version() : group + "/" + request.version();
        if (stored.equals(apiVersion) || !WHOLE.contains(request.subresource())) {
            return request;
        }
        int slash = apiVersion.indexOf('/');
        var wanted = slash < 0 ? "" : apiVersion.substring(0, slash);
        return new AdmissionRequest(
                request.operation(),
                new GroupKind(wanted, request.kind().kind()),
                apiVersion.substring(slash + 1),
                new GroupResource(wanted, request.resource().resource()),
                request.subresource(),
                request.namespace(),
                request.name(),
                converted(apiVersion, request.object(), request),
                converted(apiVersion, request.oldObject(), request),
                request.options(),
                request.context());
    }

    private static @Nullable ObjectNode converted(
            String apiVersion, @Nullable ObjectNode object, AdmissionRequest request) {
        return object == null ? null : request.context().objects().toVersion(request.resource(), apiVersion, object);
    }

    /** The version that a request's objects are in. */
    public static String of(AdmissionRequest request) {
        var group = request.resource().group();
        return group.isEmpty() ? request.version() : group + "/" + request.version();
    }

    /**
     * The object of {@code seen} has been changed: gives it back to the request that it was made from, completed as if a client
     * had sent it so.
     */
    public static void giveBack(AdmissionRequest seen, AdmissionRequest request) {
        var object = java.util.Objects.requireNonNull(request.object());
        var objects = request.context().objects();
        if (seen != request && seen.object() != null) {
            var stored = objects.fromVersion(request.resource(), of(seen), seen.object());
            object.removeAll();
            object.setAll(stored);
        }
        if (request.subresource().isEmpty()) {
            objects.complete(request.resource(), object);
        }
    }
}
