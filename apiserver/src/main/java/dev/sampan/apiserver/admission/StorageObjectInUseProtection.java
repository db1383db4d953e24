package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import tools.jackson.databind.node.ObjectNode;

/** Claims and volumes get the finalizer that keeps them while somebody uses them; controllers take it away. */
final class StorageObjectInUseProtection implements AdmissionPlugin {

    @Override
    public void mutate(AdmissionRequest request) {
        var object = request.object();
        if (object == null || request.operation() != Operation.CREATE) {
            return;
        }
        if (request.isFor("", "persistentvolumeclaims")) {
            add(object, "kubernetes.io/pvc-protection");
        } else if (request.isFor("", "persistentvolumes")) {
            add(object, "kubernetes.io/pv-protection");
        }
    }

    private static void add(ObjectNode object, String finalizer) {
        var finalizers = object.withObject("/metadata").withArray("finalizers");
        for (var present : finalizers) {
            if (present.stringValue("").equals(finalizer)) {
                return;
            }
        }
        finalizers.add(finalizer);
    }
}
