package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import tools.jackson.databind.node.ObjectNode;

/** An Ingress that names no class, also not in the old annotation, gets the default one. */
final class DefaultIngressClass implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("networking.k8s.io", "ingressclasses");

    @Override
    public void mutate(AdmissionRequest request) {
        var ingress = request.object();
        if (ingress == null
                || !request.resource().resource().equals("ingresses")
                || !request.subresource().isEmpty()
                || request.operation() != Operation.CREATE
                || !(ingress.path("spec") instanceof ObjectNode spec)
                || spec.path("ingressClassName").isString()
                || Meta.annotations(ingress).containsKey("kubernetes.io/ingress.class")) {
            return;
        }
        DefaultClasses.find(request.context().objects(), CLASSES, "ingressclass.kubernetes.io/is-default-class")
                .ifPresent(name -> spec.put("ingressClassName", name));
    }
}
