package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.RequestContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One write that a client asks for.
 *
 * @param name empty for a create
 * @param subresource empty for the object itself
 * @param whole whether status and specification are written together
 * @param options CreateOptions, UpdateOptions, PatchOptions or DeleteOptions; null when defaults
 */
public record WriteCall(
        ServedType type,
        String namespace,
        String name,
        String subresource,
        @Nullable ObjectNode options,
        boolean whole,
        RequestContext context) {

    public WriteCall(
            ServedType type,
            String namespace,
            String name,
            String subresource,
            @Nullable ObjectNode options,
            RequestContext context) {
        this(type, namespace, name, subresource, options, false, context);
    }

    /** A write of the server's own parts, which may change status and specification at once. */
    static WriteCall internal(ServedType type, String namespace, String name, RequestContext context) {
        return new WriteCall(type, namespace, name, "", null, true, context);
    }

    WriteCall asDryRun() {
        return new WriteCall(type, namespace, name, subresource, options, whole, context.asDryRun());
    }

    WriteCall forObject(String objectNamespace, String objectName) {
        return new WriteCall(type, objectNamespace, objectName, subresource, options, whole, context);
    }

    boolean dryRun() {
        return context.dryRun();
    }

    StorageType storage() {
        return type.storage();
    }

    ApiException notFound() {
        return ApiException.notFound(type.resource(), name);
    }

    GroupKind kind() {
        return type.kind();
    }

    AdmissionRequest admission(Operation operation, @Nullable ObjectNode object, @Nullable ObjectNode old) {
        var objectName = object == null ? name : Meta.name(object);
        return new AdmissionRequest(
                operation,
                storage().kind(),
                storage().type().gvk().version(),
                storage().resource(),
                subresource,
                namespace,
                objectName,
                object,
                old,
                options,
                context);
    }
}
