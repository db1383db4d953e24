package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.kinds.Meta;
import tools.jackson.databind.node.ObjectNode;

/** A pod stays five minutes on a node that is not ready or cannot be reached, unless it says otherwise. */
final class DefaultTolerationSeconds implements AdmissionPlugin {

    private static final int SECONDS = 300;

    @Override
    public void mutate(AdmissionRequest request) {
        var pod = request.object();
        if (pod == null || !request.createsPod() || !(pod.path("spec") instanceof ObjectNode spec)) {
            return;
        }
        for (var taint : new String[] {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
            if (!tolerates(spec, taint)) {
                spec.withArray("tolerations")
                        .addObject()
                        .put("key", taint)
                        .put("operator", "Exists")
                        .put("effect", "NoExecute")
                        .put("tolerationSeconds", SECONDS);
            }
        }
    }

    private static boolean tolerates(ObjectNode spec, String taint) {
        for (var toleration : spec.path("tolerations")) {
            var key = Meta.text(toleration, "key");
            var effect = Meta.text(toleration, "effect");
            if ((key.isEmpty() || key.equals(taint)) && (effect.isEmpty() || effect.equals("NoExecute"))) {
                return true;
            }
        }
        return false;
    }
}
