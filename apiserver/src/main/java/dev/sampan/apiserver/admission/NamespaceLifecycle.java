package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.kinds.Meta;
import java.util.List;
import java.util.Set;

/** Nothing is written into a namespace that does not exist, nothing new into one that ends; some never end. */
final class NamespaceLifecycle implements AdmissionPlugin {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    @Override
    public void mutate(AdmissionRequest request) {
        if (request.resource().equals(NAMESPACES)) {
            if (request.operation() == Operation.DELETE
                    && request.subresource().isEmpty()
                    && IMMORTAL.contains(request.name())) {
                throw Refusal.of(request, "this namespace may not be deleted");
            }
            return;
        }
        if (request.namespace().isEmpty() || request.operation() == Operation.DELETE) {
            return;
        }
        var namespace = request.context().objects().get(NAMESPACES, "", request.namespace());
        if (namespace == null) {
            throw ApiException.notFound(NAMESPACES, request.namespace());
        }
        if (request.operation() == Operation.CREATE && Meta.isTerminating(namespace)) {
            throw terminating(request);
        }
    }

    private static ApiException terminating(AdmissionRequest request) {
        var namespace = request.namespace();
        var status = Refusal.of(
                        request,
                        "unable to create new content in namespace %s because it is being terminated"
                                .formatted(namespace))
                .status();
        var details = status.details();
        var name = details == null ? "" : details.name();
        var cause = new Status.Cause(
                "NamespaceTerminating", "namespace %s is being terminated".formatted(namespace), "metadata.namespace");
        return new ApiException(new Status(
                status.code(),
                status.reason(),
                status.message(),
                new Status.Details(
                        name, request.resource().group(), request.resource().resource(), "", List.of(cause), 0)));
    }
}
