package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.LabelSelector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects that a binding gives its policy to go by. */
final class Params {

    private Params() {}

    /** A binding that does not lead to its parameters. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message, null, false, false);
        }
    }

    /** One null when the policy takes none; empty when there are none and that is allowed. */
    static List<@Nullable ObjectNode> of(Policy policy, JsonNode binding, AdmissionRequest request) throws Unusable {
        var kind = policy.spec().path("paramKind");
        var ref = binding.path("spec").path("paramRef");
        if (!kind.isObject() || !ref.isObject()) {
            return Collections.singletonList(null);
        }
        var objects = request.context().objects();
        var resource = objects.resourceOf(Meta.text(kind, "apiVersion"), Meta.text(kind, "kind"));
        if (resource == null) {
            throw new Unusable("failed to find resource referenced by paramKind: '%s, Kind=%s'"
                    .formatted(Meta.text(kind, "apiVersion"), Meta.text(kind, "kind")));
        }
        var namespace = namespace(ref, objects.namespaced(resource), request);
        var found = new ArrayList<@Nullable ObjectNode>();
        var name = Meta.text(ref, "name");
        if (!name.isEmpty()) {
            var object = objects.get(resource, namespace, name);
            if (object != null) {
                found.add(object);
            }
        } else {
            var selector = LabelSelector.of(ref.path("selector"));
            objects.list(resource, namespace).stream()
                    .filter(o -> selector.matches(Meta.labels(o)))
                    .forEach(found::add);
        }
        if (found.isEmpty() && !Meta.text(ref, "parameterNotFoundAction").equals("Allow")) {
            throw new Unusable("no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        return found;
    }

    private static String namespace(JsonNode ref, boolean namespaced, AdmissionRequest request) throws Unusable {
        var given = Meta.text(ref, "namespace");
        if (!namespaced) {
            if (!given.isEmpty()) {
                throw new Unusable("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
            }
            return "";
        }
        var namespace = given.isEmpty() ? request.namespace() : given;
        if (namespace.isEmpty()) {
            throw new Unusable(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        return namespace;
    }
}
