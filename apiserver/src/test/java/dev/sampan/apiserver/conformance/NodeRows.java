package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;

/** Nodes, RuntimeClasses and PriorityClasses as objects. */
record NodeRows(Cluster cluster) {

    @Row(257)
    void runsThroughTheLifeOfANode() {
        var nodes = new Resource(cluster, "", "v1", "nodes", "Node", "", """
                status:
                  phase: Running
                  conditions: [{type: Ready, status: 'True', reason: KubeletReady}]
                """);
        nodes.cycle();
        nodes.create("fake", "status");
        assertThat(cluster.condition(nodes.path("fake"), "Ready")).isEqualTo("True");
        var patched = cluster.patchAs(
                        "strategic-merge",
                        nodes.path("fake") + "/status",
                        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"message\":\"patched\"}]}}")
                .ok();
        assertThat(patched.at("status.conditions.0.message")).isEqualTo("patched");
        assertThat(patched.at("status.conditions.0.reason")).isEqualTo("KubeletReady");
        cluster.delete(nodes.path("fake")).ok();
    }

    private Resource runtimeClasses() {
        return new Resource(cluster, "node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", "", "handler: foo");
    }

    private String pod(String runtimeClass) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\nspec: {runtimeClassName: %s, containers: [{name: c, image: i}]}"
                .formatted(runtimeClass);
    }

    @Row(287)
    void runtimeClasses287() {
        runtimeClasses().cycle();
    }

    @Row(284)
    void refusesAPodOfAnUnknownRuntimeClass() {
        var answer = cluster.post("/api/v1/namespaces/" + cluster.namespace() + "/pods", pod("nonexistent"));
        assertThat(answer.refused(403).message()).contains("RuntimeClass \"nonexistent\" not found");
    }

    @Row(283)
    void refusesAPodOfADeletedRuntimeClass() {
        var path = "/api/v1/namespaces/" + cluster.namespace() + "/pods";
        var classes = runtimeClasses();
        classes.create("deleted", "row");
        Awaitility.await().until(() -> cluster.post(path, pod("deleted")).code() == 201);
        cluster.delete(classes.path("deleted")).ok();
        Awaitility.await().until(() -> cluster.post(path, pod("deleted")).code() == 403);
    }

    @Row(315)
    void priorityClasses() {
        var classes =
                new Resource(cluster, "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "", "value: 2");
        classes.cycle();
        classes.create("p1", "priority");
        cluster.patchAs("json", classes.path("p1"), "[{\"op\":\"replace\",\"path\":\"/value\",\"value\":3}]")
                .refused(422);
        var described = cluster.patchAs("strategic-merge", classes.path("p1"), "{\"description\":\"d\"}")
                .ok();
        assertThat(described.at("description")).isEqualTo("d");
        var object = (tools.jackson.databind.node.ObjectNode) described.body().deepCopy();
        cluster.put(classes.path("p1"), object.put("value", 4).toString()).refused(422);
        cluster.delete(classes.path("p1")).ok();
    }
}
