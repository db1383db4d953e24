package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** What definitions add to the published OpenAPI documents. */
record OpenApiRows(Cluster cluster) {

    private static final String FREE = "{type: object, x-kubernetes-preserve-unknown-fields: true}";

    private static final String FOO = """
            {type: object, description: Foo CRD for Testing, properties: {
              spec: {type: object, description: Specification of Foo, required: [bars], properties: {
                bars: {type: array, description: List of Bars and their specs., items: {type: object, required: [name],
                  properties: {name: {type: string, description: Name of Bar.}, age: {type: string},
                    bazs: {type: array, items: {type: string}}}}}}},
              status: {type: object, description: Status of Foo, properties: {bars: {type: array, items: {type: object,
                properties: {name: {type: string}}}}}}}}""";

    private static String crd(String plural, String kind, String group, String versions) {
        return """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: %s.%s}
                spec: {group: %s, scope: Namespaced, names: {plural: %s, kind: %s}, versions: [%s]}
                """.formatted(plural, group, group, plural, kind, versions);
    }

    private static String version(String name, boolean storage, String schema) {
        return "{name: %s, served: true, storage: %s, schema: {openAPIV3Schema: %s}}".formatted(name, storage, schema);
    }

    /** The definition in {@code /openapi/v2}, such as {@code com.example.sea.v1.Ship}; missing when there is none. */
    private JsonNode definition(String name) {
        return cluster.get("/openapi/v2").ok().body().path("definitions").path(name);
    }

    private void awaitDefinition(String name) {
        Awaitility.await().until(() -> definition(name).isObject());
        var inV3 = cluster.get("/openapi/v3").ok().body().path("paths").toString();
        var parts = name.split("\\.");
        assertThat(inV3).contains("apis/" + parts[2] + "." + parts[1] + "." + parts[0] + "/" + parts[3]);
    }

    private void awaitNoDefinition(String name) {
        Awaitility.await().until(() -> definition(name).isMissingNode());
    }

    private String objects(String group, String version, String plural) {
        return "/apis/" + group + "/" + version + "/namespaces/default/" + plural
                + "?fieldValidation=Strict&dryRun=All";
    }

    private static String object(String group, String version, String kind, String rest) {
        return "apiVersion: %s/%s\nkind: %s\nmetadata: {name: test}\n%s".formatted(group, version, kind, rest);
    }

    @Row(42)
    void publishesASchema() {
        var group = "schema.example.com";
        cluster.define(crd("foos", "Foo", group, version("v1", true, FOO)));
        awaitDefinition("com.example.schema.v1.Foo");
        var foo = definition("com.example.schema.v1.Foo");
        assertThat(foo.path("description").asString("")).isEqualTo("Foo CRD for Testing");
        assertThat(foo.path("properties")
                        .path("spec")
                        .path("properties")
                        .path("bars")
                        .path("description")
                        .asString(""))
                .isEqualTo("List of Bars and their specs.");
        assertThat(foo.path("x-kubernetes-group-version-kind").toString()).contains("Foo");
        var path = objects(group, "v1", "foos");
        cluster.post(path, object(group, "v1", "Foo", "spec: {bars: [{name: b, age: '10', bazs: [k]}]}"))
                .ok();
        cluster.post(path, object(group, "v1", "Foo", "spec: {bars: [{name: b, mood: bad}]}"))
                .refused(400);
        cluster.post(path, object(group, "v1", "Foo", "spec: {bars: [{age: '10'}]}"))
                .refused(422);
    }

    @Row(43)
    void publishesAnEmptySchema() {
        var group = "empty.example.com";
        cluster.define(crd("bars", "Bar", group, version("v1", true, FREE)));
        awaitDefinition("com.example.empty.v1.Bar");
        var bar = definition("com.example.empty.v1.Bar");
        assertThat(bar.path("properties").path("spec").isMissingNode()).isTrue();
        cluster.post(objects(group, "v1", "bars"), object(group, "v1", "Bar", "a: {b: [1]}"))
                .ok();
    }

    @Row(40)
    void publishesUnknownFieldsAtTheRoot() {
        var group = "root.example.com";
        cluster.define(crd("roots", "Root", group, version("v1", true, FREE)));
        awaitDefinition("com.example.root.v1.Root");
        var root = definition("com.example.root.v1.Root");
        assertThat(root.path("x-kubernetes-preserve-unknown-fields").asBoolean(false))
                .isTrue();
        assertThat(root.path("properties").isMissingNode()).isTrue();
        var kept = cluster.post(objects(group, "v1", "roots"), object(group, "v1", "Root", "any: {thing: goes}"));
        assertThat(kept.ok().at("any.thing")).isEqualTo("goes");
    }

    @Row(41)
    void publishesUnknownFieldsInAnEmbeddedObject() {
        var group = "embedded.example.com";
        var schema = "{type: object, properties: {spec: " + FREE
                + ", status: {type: object, properties: {bars: {type: array, items: {type: string}}}}}}";
        cluster.define(crd("shells", "Shell", group, version("v1", true, schema)));
        awaitDefinition("com.example.embedded.v1.Shell");
        var shell = definition("com.example.embedded.v1.Shell");
        var spec = shell.path("properties").path("spec");
        assertThat(spec.path("x-kubernetes-preserve-unknown-fields").asBoolean(false))
                .isTrue();
        var path = objects(group, "v1", "shells");
        assertThat(cluster.post(path, object(group, "v1", "Shell", "spec: {b: [{c: d}]}"))
                        .ok()
                        .at("spec.b.0.c"))
                .isEqualTo("d");
        cluster.post(path, object(group, "v1", "Shell", "elsewhere: 1")).refused(400);
    }

    @Row(44)
    void publishesSeveralGroups() {
        cluster.define(crd("foos", "Foo", "one.example.com", version("v1", true, FOO)));
        cluster.define(crd("foos", "Foo", "two.example.com", version("v1", true, FREE)));
        awaitDefinition("com.example.one.v1.Foo");
        awaitDefinition("com.example.two.v1.Foo");
    }

    @Row(46)
    void publishesSeveralVersions() {
        cluster.define(
                crd("foos", "Foo", "multi.example.com", version("v2", true, FOO) + ", " + version("v3", false, FOO)));
        awaitDefinition("com.example.multi.v2.Foo");
        awaitDefinition("com.example.multi.v3.Foo");
    }

    @Row(45)
    void publishesSeveralKindsOfOneVersion() {
        cluster.define(crd("foos", "Foo", "kinds.example.com", version("v4", true, FOO)));
        cluster.define(crd("bars", "Bar", "kinds.example.com", version("v4", true, FREE)));
        awaitDefinition("com.example.kinds.v4.Foo");
        awaitDefinition("com.example.kinds.v4.Bar");
    }

    @Row(39)
    void followsTheRenamingOfAVersion() {
        var group = "renamed.example.com";
        cluster.define(crd("foos", "Foo", group, version("v2", true, FOO) + ", " + version("v3", false, FOO)));
        awaitDefinition("com.example.renamed.v3.Foo");
        var before = definition("com.example.renamed.v3.Foo");
        var renamed = "spec: {versions: [" + version("v2", true, FOO) + ", " + version("v4", false, FOO) + "]}";
        cluster.patch(Cluster.CRDS + "/foos." + group, renamed).ok();
        awaitDefinition("com.example.renamed.v4.Foo");
        awaitNoDefinition("com.example.renamed.v3.Foo");
        assertThat(definition("com.example.renamed.v2.Foo").isObject()).isTrue();
        assertThat(definition("com.example.renamed.v4.Foo").path("properties")).isEqualTo(before.path("properties"));
    }

    @Row(38)
    void forgetsAVersionThatIsNotServed() {
        var group = "unserved.example.com";
        cluster.define(crd("foos", "Foo", group, version("v5", true, FOO) + ", " + version("v6", false, FOO)));
        awaitDefinition("com.example.unserved.v6.Foo");
        var unserved = version("v6", false, FOO).replace("served: true", "served: false");
        cluster.patch(
                        Cluster.CRDS + "/foos." + group,
                        "spec: {versions: [" + version("v5", true, FOO) + ", " + unserved + "]}")
                .ok();
        awaitNoDefinition("com.example.unserved.v6.Foo");
        assertThat(definition("com.example.unserved.v5.Foo").isObject()).isTrue();
    }
}
