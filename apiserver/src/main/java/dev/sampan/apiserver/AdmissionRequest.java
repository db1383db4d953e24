package dev.sampan.apiserver;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A write under admission.
 *
 * @param kind kind of {@code object}; of the subresource's body for subresources with their own kind
 * @param subresource empty for the main resource
 * @param name may be empty on CREATE with generateName before the name is made
 * @param object the new object, mutable while mutating; null on DELETE
 * @param oldObject the stored object; null on CREATE and CONNECT
 * @param options the request's CreateOptions, UpdateOptions, PatchOptions or DeleteOptions
 */
public record AdmissionRequest(
        Operation operation,
        GroupKind kind,
        String version,
        GroupResource resource,
        String subresource,
        String namespace,
        String name,
        @Nullable ObjectNode object,
        @Nullable ObjectNode oldObject,
        @Nullable ObjectNode options,
        RequestContext context) {

    /** What is being done, named as in AdmissionReview. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /** Whether this is about the main resource {@code group/resource}, not a subresource of it. */
    public boolean isFor(String group, String name) {
        return subresource.isEmpty()
                && resource.resource().equals(name)
                && resource.group().equals(group);
    }

    /** Whether a pod is being made. */
    public boolean createsPod() {
        return operation == Operation.CREATE && isFor("", "pods");
    }

    public ApiException forbidden(String why) {
        return ApiException.forbidden(resource, name, why);
    }
}
