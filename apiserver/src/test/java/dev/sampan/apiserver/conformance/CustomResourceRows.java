package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;

/** Definitions and the objects that they define. */
record CustomResourceRows(Cluster cluster) {

    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %1$ss.rows.example.com, labels: {row: %4$s}}
            spec:
              group: rows.example.com
              scope: %3$s
              names: {plural: %1$ss, kind: %2$s}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}}
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """;

    @Row(32)
    void watchesCustomObjects() {
        cluster.define(CRD.formatted("wren", "Wren", "Cluster", "none"));
        var path = "/apis/rows.example.com/v1/wrens";
        var version = cluster.get(path).at("metadata.resourceVersion");
        var manifest = "apiVersion: rows.example.com/v1\nkind: Wren\nmetadata: {name: %s}\ncontent: {key: value}";
        try (var watch = cluster.watch(path + "?resourceVersion=" + version)) {
            cluster.post(path, manifest.formatted("a")).ok();
            assertThat(watch.first(1)).containsExactly("ADDED a");
            cluster.post(path, manifest.formatted("b")).ok();
            assertThat(watch.first(2)).last().isEqualTo("ADDED b");
            cluster.patch(path + "/a", "content: {key: other}").ok();
            cluster.patch(path + "/b", "content: {key: other}").ok();
            assertThat(watch.first(4)).endsWith("MODIFIED a", "MODIFIED b");
            cluster.delete(path + "/a").ok();
            cluster.delete(path + "/b").ok();
            assertThat(watch.first(6)).endsWith("DELETED a", "DELETED b");
            assertThat(watch.event(4).path("object").path("content").path("key").asString(""))
                    .isEqualTo("other");
        }
    }

    @Row(33)
    void createsAndDeletesDefinitions() {
        cluster.define(CRD.formatted("robin", "Robin", "Namespaced", "none"));
        cluster.get("/apis/rows.example.com/v1/robins").ok();
        cluster.delete(Cluster.CRDS + "/robins.rows.example.com").ok();
        Awaitility.await()
                .until(() ->
                        cluster.get(Cluster.CRDS + "/robins.rows.example.com").code() == 404);
        Awaitility.await()
                .until(() -> cluster.get("/apis/rows.example.com/v1/robins").code() == 404);
    }

    @Row(34)
    void readsAndWritesTheStatusOfDefinitions() {
        cluster.define(CRD.formatted("finch", "Finch", "Namespaced", "none"));
        var path = Cluster.CRDS + "/finchs.rows.example.com";
        var status = cluster.get(path + "/status").ok();
        assertThat(status.at("status.conditions")).contains("Established");
        var object = (tools.jackson.databind.node.ObjectNode) status.body().deepCopy();
        ((tools.jackson.databind.node.ArrayNode) object.get("status").get("conditions"))
                .addObject()
                .put("type", "StatusUpdated")
                .put("status", "True")
                .put("reason", "E2E")
                .put("message", "Set from a test");
        var updated = cluster.put(path + "/status", object.toString()).ok();
        assertThat(updated.at("status.conditions")).contains("StatusUpdated");
        assertThat(cluster.condition(path, "StatusUpdated")).isEqualTo("True");
        var patched = cluster.patchAs(
                        "json",
                        path + "/status",
                        "[{\"op\":\"add\",\"path\":\"/status/conditions\",\"value\":[{\"type\":\"StatusPatched\","
                                + "\"status\":\"True\",\"reason\":\"E2E\",\"message\":\"Set from a test\"}]}]")
                .ok();
        assertThat(patched.at("status.conditions")).contains("StatusPatched");
        assertThat(patched.body().path("spec")).isEqualTo(status.body().path("spec"));
    }

    @Row(35)
    void listsDefinitions() {
        var label = cluster.unique("crds");
        for (var name : new String[] {"ara", "aras2", "owl"}) {
            var kind = name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1);
            cluster.define(CRD.formatted(name, kind, "Cluster", label));
        }
        var selected = Cluster.CRDS + "?labelSelector=row%3D" + label;
        assertThat(cluster.names(selected)).hasSize(3);
        cluster.delete(selected).ok();
        Awaitility.await().until(() -> cluster.names(selected).isEmpty());
    }

    @Row(36)
    void defaultsRequestsAndWhatIsStored() {
        cluster.define(CRD.formatted("stork", "Stork", "Cluster", "none"));
        var path = "/apis/rows.example.com/v1/storks";
        var manifest = "apiVersion: rows.example.com/v1\nkind: Stork\nmetadata: {name: %s}\nb: x\n";
        cluster.post(path, manifest.formatted("early")).ok();
        var watched = cluster.get(path).at("metadata.resourceVersion");
        cluster.patch(Cluster.CRDS + "/storks.rows.example.com", """
                        spec: {versions: [{name: v1, served: true, storage: true, subresources: {status: {}}, schema: {
                          openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {
                            a: {type: string, default: A}, b: {type: string}}}}}]}
                        """).ok();
        Awaitility.await()
                .until(() -> cluster.post(path + "?dryRun=All", manifest.formatted("late"))
                        .at("a")
                        .equals("A"));
        var late = cluster.post(path, manifest.formatted("late")).ok();
        assertThat(late.at("a") + late.at("b")).isEqualTo("Ax");
        assertThat(cluster.get(path + "/early").at("a")).as("stored without it").isEqualTo("A");
        assertThat(cluster.get(path).at("items.0.a")).isEqualTo("A");
        try (var watch = cluster.watch(path + "?fieldSelector=metadata.name%3Dearly&resourceVersion=" + watched)) {
            var changed = cluster.patch(path + "/early", "c: y").ok();
            assertThat(changed.at("a")).isEqualTo("A");
            assertThat(watch.event(0).path("object").path("a").asString("")).isEqualTo("A");
        }
    }
}
