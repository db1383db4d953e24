package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code fieldValidation=Strict}: unknown and duplicate fields. */
record FieldValidationRows(Cluster cluster) {

    private static final String YAML = "application/yaml";
    private static final String JSON = "application/json";

    private static String crd(String plural, String kind, String schema) {
        return """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: %1$s.fields.example.com}
                spec:
                  group: fields.example.com
                  scope: Cluster
                  names: {plural: %1$s, kind: %2$s}
                  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: %3$s}}]
                """.formatted(plural, kind, schema);
    }

    private static final String SCHEMA = """
            {type: object, %s properties: {spec: {type: object, %s properties: {
              knownField1: {type: string},
              cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'},
              ports: {type: array, x-kubernetes-list-map-keys: [containerPort, protocol], x-kubernetes-list-type: map,
                items: {type: object, required: [containerPort, protocol], properties: {
                  containerPort: {type: integer, format: int32}, hostIP: {type: string}, hostPort: {type: integer},
                  name: {type: string}, protocol: {type: string}}}}%s}}}}""";

    @Row(53)
    void detectsUnknownAndDuplicateFieldsOfATypedObject() {
        var path = "/apis/apps/v1/namespaces/" + cluster.namespace() + "/deployments";
        var body = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: my-dep}
                spec:
                  unknownField: foo
                  replicas: 1
                  paused: true
                  paused: false
                  selector: {matchLabels: {app: nginx}}
                  template:
                    metadata: {labels: {app: nginx}}
                    spec: {containers: [{name: nginx, image: nginx, imagePullPolicy: Always, imagePullPolicy: Never}]}
                """;
        var strict = cluster.raw("POST", path + "?fieldValidation=Strict", YAML, body)
                .refused(400);
        assertThat(strict.message()).contains("strict decoding error", "unknown field \"spec.unknownField\"", "paused");
        var warned = cluster.raw("POST", path, YAML, body).refused(201);
        assertThat(warned.header("warning").toString()).contains("unknown field \\\"spec.unknownField\\\"");
        var patch = "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"another\":1}}";
        assertThat(cluster.patchAs("merge", path + "/my-dep?fieldValidation=Strict", patch)
                        .refused(422)
                        .message())
                .contains("unknown field \"spec.another\"");
    }

    @Row(55)
    void detectsUnknownMetadataOfATypedObject() {
        var path = "/apis/apps/v1/namespaces/" + cluster.namespace() + "/deployments?fieldValidation=Strict";
        var body = """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep","unknownMeta":"foo"},"spec":{
                 "selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"},"unknownInner":1},
                 "spec":{"containers":[{"name":"a","image":"a"}]}}}}""";
        assertThat(cluster.raw("POST", path, JSON, body).refused(400).message())
                .contains(
                        "unknown field \"metadata.unknownMeta\"",
                        "unknown field \"spec.template.metadata.unknownInner\"");
    }

    @Row(49)
    void takesUnknownFieldsWithoutASchema() {
        cluster.define(crd("frees", "Free", "{type: object, x-kubernetes-preserve-unknown-fields: true}"));
        var path = "/apis/fields.example.com/v1/frees";
        var body =
                "apiVersion: fields.example.com/v1\nkind: Free\nmetadata: {name: mycr}\nspec: {unknown1: x, unknownDupe: z}";
        assertThat(cluster.post(path + "?fieldValidation=Strict", body)
                        .refused(201)
                        .at("spec.unknown1"))
                .isEqualTo("x");
        assertThat(cluster.patchAs("apply", path + "/mycr?fieldManager=t&fieldValidation=Strict&force=true", body)
                        .ok()
                        .at("spec.unknownDupe"))
                .isEqualTo("z");
    }

    @Row(50)
    void takesAValidCustomObject() {
        cluster.define(crd("valids", "Valid", SCHEMA.formatted("", "", "")));
        var path = "/apis/fields.example.com/v1/valids";
        var body = """
                apiVersion: fields.example.com/v1
                kind: Valid
                metadata: {name: mycr}
                spec:
                  knownField1: val1
                  cronSpec: '* * * * */5'
                  ports: [{name: x, containerPort: 80, protocol: TCP}]
                """;
        cluster.raw("POST", path + "?fieldValidation=Strict", YAML, body).refused(201);
        cluster.patchAs("apply", path + "/other?fieldManager=t&fieldValidation=Strict", body.replace("mycr", "other"))
                .refused(201);
        cluster.post(path, body.replace("mycr", "bad").replace("'* * * * */5'", "never"))
                .refused(422);
    }

    @Row(51)
    void refusesExtraPropertiesOfASchema() {
        cluster.define(crd("extras", "Extra", SCHEMA.formatted("", "", "")));
        var path = "/apis/fields.example.com/v1/extras";
        var body = """
                apiVersion: fields.example.com/v1
                kind: Extra
                metadata: {name: mycr}
                spec:
                  unknownField: 1
                  knownField1: val1
                  ports: [{name: x, containerPort: 80, protocol: TCP, unknownNested: val}]
                """;
        assertThat(cluster.raw("POST", path + "?fieldValidation=Strict", YAML, body)
                        .refused(400)
                        .message())
                .contains("unknown field \"spec.ports[0].unknownNested\"", "unknown field \"spec.unknownField\"");
        var applied = cluster.patchAs("apply", path + "/mycr?fieldManager=t&fieldValidation=Strict", body);
        assertThat(applied.code()).as(applied.message()).isGreaterThanOrEqualTo(400);
        assertThat(applied.message()).contains("field not declared in schema");
    }

    @Row(52)
    void detectsDuplicatesBesideUnknownFields() {
        var free = "x-kubernetes-preserve-unknown-fields: true,";
        cluster.define(crd("dupes", "Dupe", SCHEMA.formatted("", free, "")));
        var path = "/apis/fields.example.com/v1/dupes?fieldValidation=Strict";
        var body = """
                {"apiVersion":"fields.example.com/v1","kind":"Dupe","metadata":{"name":"mycr"},
                 "spec":{"unknownField":"u","unknownField":"v","knownField1":"a","knownField1":"b"}}""";
        assertThat(cluster.raw("POST", path, JSON, body).refused(400).message())
                .contains("duplicate field \"spec.unknownField\"", "duplicate field \"spec.knownField1\"");
        var yaml = "apiVersion: fields.example.com/v1\nkind: Dupe\nmetadata: {name: mycr}\nspec: {u: 1, u: 2}";
        assertThat(cluster.raw("POST", path, YAML, yaml).refused(400).message())
                .contains("key \"u\" already set in map");
    }

    @Row(54)
    void detectsUnknownMetadataOfCustomAndEmbeddedObjects() {
        var embedded = ", template: {type: object, x-kubernetes-embedded-resource: true,"
                + " x-kubernetes-preserve-unknown-fields: true}";
        cluster.define(crd("metas", "Meta", SCHEMA.formatted("", "", embedded)));
        var path = "/apis/fields.example.com/v1/metas?fieldValidation=Strict";
        var body = """
                {"apiVersion":"fields.example.com/v1","kind":"Meta","metadata":{"name":"mycr","unknownMeta":"x"},
                 "spec":{"template":{"apiVersion":"foo/v1","kind":"Sub","metadata":{"name":"sub","unknownSubMeta":"y"}}}}""";
        assertThat(cluster.raw("POST", path, JSON, body).refused(400).message())
                .contains(
                        "unknown field \"metadata.unknownMeta\"",
                        "unknown field \"spec.template.metadata.unknownSubMeta\"");
    }
}
