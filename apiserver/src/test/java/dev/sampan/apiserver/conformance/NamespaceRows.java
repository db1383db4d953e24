package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.node.ObjectNode;

/** Namespaces as objects. */
record NamespaceRows(Cluster cluster) {

    private static final String CONDITION =
            "status: {conditions: [{type: StatusPatch, status: 'True', reason: E2E, message: Patched by a row}]}";

    private static String path(String name) {
        return "/api/v1/namespaces/" + name;
    }

    @Row(68)
    void patches() {
        var name = cluster.namespace();
        cluster.patchAs("strategic-merge", path(name), "{\"metadata\":{\"labels\":{\"testLabel\":\"testValue\"}}}")
                .ok();
        assertThat(cluster.get(path(name)).at("metadata.labels.testLabel")).isEqualTo("testValue");
    }

    @Row(64)
    void updates() {
        var name = cluster.namespace();
        var object = (ObjectNode) cluster.get(path(name)).ok().body().deepCopy();
        ((ObjectNode) object.get("metadata").get("labels")).put(name, "updated");
        cluster.put(path(name), object.toString()).ok();
        assertThat(cluster.get(path(name)).at("metadata.labels." + name)).isEqualTo("updated");
    }

    @Row(65)
    void changesTheStatus() {
        var name = cluster.namespace();
        assertThat(cluster.get(path(name) + "/status").at("status.phase")).isEqualTo("Active");
        var patched = cluster.patch(path(name) + "/status", "metadata: {annotations: {patched: 'true'}}\n" + CONDITION)
                .ok();
        assertThat(patched.at("metadata.annotations.patched")).isEqualTo("true");
        assertThat(patched.at("status.conditions.0.type")).isEqualTo("StatusPatch");
        var object = (ObjectNode) patched.body().deepCopy();
        ((ObjectNode) object.at("/status/conditions/0")).put("type", "StatusUpdate");
        var updated = cluster.put(path(name) + "/status", object.toString()).ok();
        assertThat(updated.at("status.conditions.0.type")).isEqualTo("StatusUpdate");
        assertThat(updated.at("status.phase")).isEqualTo("Active");
    }

    @Row(63)
    void appliesAFinalizer() {
        var name = cluster.namespace();
        var object = (ObjectNode) cluster.get(path(name)).ok().body().deepCopy();
        ((ObjectNode) object.get("spec")).withArray("finalizers").add("e2e.example.com/fakeFinalizer");
        var kept = cluster.put(path(name) + "/finalize", object.toString()).ok();
        assertThat(kept.at("spec.finalizers")).isEqualTo("[\"kubernetes\",\"e2e.example.com/fakeFinalizer\"]");
        cluster.delete(path(name)).ok();
        assertThat(cluster.get(path(name)).ok().at("status.phase")).isEqualTo("Terminating");
        var last = (ObjectNode) cluster.get(path(name)).body().deepCopy();
        ((ObjectNode) last.get("spec")).putArray("finalizers").add("kubernetes");
        assertThat(cluster.put(path(name) + "/finalize", last.toString()).ok().at("spec.finalizers"))
                .isEqualTo("[\"kubernetes\"]");
        ((ObjectNode) last.get("spec")).putArray("finalizers");
        ((ObjectNode) last.get("metadata")).remove("resourceVersion");
        cluster.put(path(name) + "/finalize", last.toString()).ok();
        cluster.get(path(name)).refused(404);
    }
}
