package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import tools.jackson.databind.node.ObjectNode;

/** A claim that names no storage class gets the default one. */
final class DefaultStorageClass implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("storage.k8s.io", "storageclasses");

    @Override
    public void mutate(AdmissionRequest request) {
        var claim = request.object();
        if (claim == null
                || !request.isFor("", "persistentvolumeclaims")
                || request.operation() != Operation.CREATE
                || !(claim.path("spec") instanceof ObjectNode spec)
                || spec.path("storageClassName").isString()
                || Meta.annotations(claim).containsKey("volume.beta.kubernetes.io/storage-class")) {
            return;
        }
        DefaultClasses.find(
                        request.context().objects(),
                        CLASSES,
                        "storageclass.kubernetes.io/is-default-class",
                        "storageclass.beta.kubernetes.io/is-default-class")
                .ifPresent(name -> spec.put("storageClassName", name));
    }
}
