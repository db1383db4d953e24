package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.WholeServer.Answer;
import org.awaitility.Awaitility;
import tools.jackson.databind.node.ObjectNode;

/**
 * One resource of the cluster, and the cycle that the suite's "API operations" tests send it through.
 *
 * @param group empty for the core group
 * @param namespace empty for cluster-scoped resources
 * @param body what the manifest has beside apiVersion, kind and metadata, in YAML without indentation
 */
record Resource(
        Cluster cluster, String group, String version, String plural, String kind, String namespace, String body) {

    String groupVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    private String root() {
        return (group.isEmpty() ? "/api/" : "/apis/") + groupVersion();
    }

    String everywhere() {
        return root() + "/" + plural;
    }

    String path() {
        return namespace.isEmpty() ? everywhere() : root() + "/namespaces/" + namespace + "/" + plural;
    }

    String path(String name) {
        return path() + "/" + name;
    }

    /** @param label value of the label {@code row} */
    String manifest(String name, String label) {
        return "apiVersion: %s\nkind: %s\nmetadata: {name: %s, labels: {row: %s}}\n%s"
                .formatted(groupVersion(), kind, name, label, body);
    }

    Answer create(String name, String label) {
        return cluster.post(path(), manifest(name, label)).refused(201);
    }

    /** Found in every discovery document on the way to it. */
    void discovered() {
        if (!group.isEmpty()) {
            assertThat(cluster.get("/apis").ok().body().path("groups").toString())
                    .contains("\"groupVersion\":\"" + groupVersion() + "\"");
            assertThat(cluster.get("/apis/" + group)
                            .ok()
                            .body()
                            .path("versions")
                            .toString())
                    .contains("\"version\":\"" + version + "\"");
        }
        assertThat(cluster.get(root()).ok().body().path("resources").toString())
                .contains("\"name\":\"" + plural + "\"", "\"kind\":\"" + kind + "\"");
    }

    /** create, get, list, watch, patch, update, delete and deletecollection. */
    void cycle() {
        discovered();
        var label = cluster.unique("label");
        var selected = "?labelSelector=row%3D" + label;
        try (var watch = cluster.watch(path() + selected + "&resourceVersion=" + listVersion())) {
            var name = cluster.unique("a");
            var created = create(name, label);
            assertThat(cluster.get(path(name)).ok().at("metadata.uid")).isEqualTo(created.at("metadata.uid"));
            assertThat(cluster.names(path() + selected)).containsExactly(name);
            assertThat(cluster.names(everywhere() + selected)).containsExactly(name);
            var patched = cluster.patch(path(name), "metadata: {annotations: {patched: 'true'}}")
                    .ok();
            assertThat(patched.at("metadata.annotations.patched")).isEqualTo("true");
            var updated = update(patched, "updated");
            assertThat(updated.at("metadata.annotations.updated")).isEqualTo("true");
            assertThat(watch.first(3)).containsExactly("ADDED " + name, "MODIFIED " + name, "MODIFIED " + name);
            remove(name);
            Awaitility.await().until(() -> watch.first(watch.count()).getLast().equals("DELETED " + name));
            cluster.get(path(name)).refused(404);
        }
        var others = new String[] {cluster.unique("b"), cluster.unique("c")};
        for (var name : others) {
            create(name, label);
        }
        assertThat(cluster.names(path() + selected)).containsExactly(others);
        cluster.delete(path() + selected).ok();
        for (var name : others) {
            releaseFinalizers(name);
        }
        assertThat(cluster.names(path() + selected)).isEmpty();
    }

    private String listVersion() {
        return cluster.get(path()).ok().at("metadata.resourceVersion");
    }

    /** PUT of what was read, with another annotation. */
    Answer update(Answer read, String annotation) {
        return update(path(read.at("metadata.name")), read, annotation).refused(200);
    }

    /** Reads again after a conflict, as the suite does: some kinds have a controller that writes a status meanwhile. */
    private Answer update(String path, Answer read, String annotation) {
        var object = (ObjectNode) read.body().deepCopy();
        var metadata = (ObjectNode) object.get("metadata");
        var annotations =
                metadata.get("annotations") instanceof ObjectNode present ? present : metadata.putObject("annotations");
        annotations.put(annotation, "true");
        var answer = cluster.put(path, object.toString());
        return answer.code() == 409 ? update(path, cluster.get(path).ok(), annotation) : answer;
    }

    /** Deletes an object, and lets go of the finalizers that a controller would let go of. */
    void remove(String name) {
        cluster.delete(path(name)).ok();
        releaseFinalizers(name);
    }

    private void releaseFinalizers(String name) {
        if (cluster.get(path(name)).code() == 200) {
            cluster.patch(path(name), "metadata: {finalizers: null}").ok();
        }
    }

    /** get, patch and update of the status subresource; neither touches anything but the status. */
    void status(String name, String patch, String field, String expected) {
        var before = cluster.get(path(name) + "/status").ok();
        assertThat(before.at("kind")).isEqualTo(kind);
        var patched = cluster.patch(path(name) + "/status", patch).ok();
        assertThat(patched.at(field)).isEqualTo(expected);
        assertThat(patched.body().path("spec")).isEqualTo(before.body().path("spec"));
        update(path(name) + "/status", cluster.get(path(name) + "/status").ok(), "status-updated")
                .ok();
        assertThat(cluster.get(path(name)).at(field)).isEqualTo(expected);
    }
}
