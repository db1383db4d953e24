package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who owns which field, over whole requests; the merging itself is tested in the schema module. */
final class ServerSideApplyTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: c, image: "nginx:1"}]}
            """;

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    private TestServer.Answer apply(String path, String options, String yaml) {
        return server.call(
                "PATCH", path + "?" + options, Map.of("content-type", List.of("application/apply-patch+yaml")), yaml);
    }

    private static String map(String data) {
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: " + data + "}";
    }

    /** Managers as {@code name operation [subresource]}, in order. */
    private static List<String> managers(JsonNode object) {
        var result = new ArrayList<String>();
        for (var entry : object.path("metadata").path("managedFields")) {
            result.add((entry.path("manager").asString("") + " "
                            + entry.path("operation").asString("") + " "
                            + entry.path("subresource").asString(""))
                    .strip());
        }
        return result;
    }

    private static String fields(JsonNode object, String manager) {
        for (var entry : object.path("metadata").path("managedFields")) {
            if (entry.path("manager").asString("").equals(manager)) {
                return entry.path("fieldsV1").toString();
            }
        }
        return "";
    }

    @Test
    void createsWhatIsMissing() {
        var created = apply(DEPLOYMENTS + "/web", "fieldManager=me", WEB);
        assertThat(created.code()).as(created.message()).isEqualTo(201);
        assertThat(managers(created.body())).containsExactly("me Apply");
        assertThat(server.get(DEPLOYMENTS + "/web").body()).isEqualTo(created.body());
    }

    @Test
    void changesNothingWhenNothingChanges() {
        var first = apply(DEPLOYMENTS + "/web", "fieldManager=me", WEB);
        var second = apply(DEPLOYMENTS + "/web", "fieldManager=me", WEB);
        assertThat(second.code()).isEqualTo(200);
        assertThat(second.version()).isEqualTo(first.version());
        var other = apply(DEPLOYMENTS + "/web", "fieldManager=you", WEB);
        assertThat(other.version()).isNotEqualTo(first.version());
        assertThat(managers(other.body())).containsExactlyInAnyOrder("me Apply", "you Apply");
    }

    @Test
    void namesTheOthersInAConflict() {
        apply(MAPS + "/m", "fieldManager=me", map("{a: '1', b: '1'}"));
        var conflict = apply(MAPS + "/m", "fieldManager=you", map("{a: '2'}"));
        assertThat(conflict.code()).isEqualTo(409);
        assertThat(conflict.reason()).isEqualTo("Conflict");
        assertThat(conflict.message()).isEqualTo("Apply failed with 1 conflict: conflict with \"me\": .data.a");
        var cause = conflict.body().path("details").path("causes").get(0);
        assertThat(cause.path("reason").asString("")).isEqualTo("FieldManagerConflict");
        assertThat(cause.path("message").asString("")).isEqualTo("conflict with \"me\"");
        assertThat(cause.path("field").asString("")).isEqualTo(".data.a");

        var forced = apply(MAPS + "/m", "fieldManager=you&force=true", map("{a: '2'}"));
        assertThat(forced.code()).isEqualTo(200);
        assertThat(fields(forced.body(), "me")).isEqualTo("{\"f:data\":{\"f:b\":{}}}");
        assertThat(fields(forced.body(), "you")).isEqualTo("{\"f:data\":{\"f:a\":{}}}");
    }

    @Test
    void removesWhatIsNoLongerApplied() {
        apply(MAPS + "/m", "fieldManager=me", map("{a: '1', b: '1'}"));
        var less = apply(MAPS + "/m", "fieldManager=me", map("{a: '1'}"));
        assertThat(less.body().path("data").toString()).isEqualTo("{\"a\":\"1\"}");
    }

    @Test
    void recordsEveryWriter() {
        var agent = Map.of("content-type", List.of("application/json"), "user-agent", List.of("curl/8.5.0 (linux)"));
        var created = server.call(
                "POST",
                MAPS,
                agent,
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"a\":\"1\"}}");
        assertThat(managers(created.body())).containsExactly("curl Update");
        assertThat(fields(created.body(), "curl")).isEqualTo("{\"f:data\":{\".\":{},\"f:a\":{}}}");

        var patched = server.patch("merge", MAPS + "/m?fieldManager=patcher", "{\"data\":{\"b\":\"2\"}}");
        assertThat(managers(patched.body())).containsExactlyInAnyOrder("curl Update", "patcher Update");
        assertThat(fields(patched.body(), "patcher")).isEqualTo("{\"f:data\":{\"f:b\":{}}}");

        var replaced = server.put(
                MAPS + "/m?fieldManager=putter",
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"a\":\"3\"}}");
        assertThat(fields(replaced.body(), "putter")).isEqualTo("{\"f:data\":{\"f:a\":{}}}");
        assertThat(fields(replaced.body(), "curl")).isEqualTo("{\"f:data\":{}}");
        assertThat(fields(replaced.body(), "patcher")).isEmpty();
    }

    @Test
    void keepsSubresourcesApart() {
        apply(DEPLOYMENTS + "/web", "fieldManager=me", WEB);
        var status = server.patch(
                "merge",
                DEPLOYMENTS + "/web/status?fieldManager=controller",
                "{\"spec\":{\"replicas\":9},\"status\":{\"replicas\":2}}");
        assertThat(status.code()).as(status.message()).isEqualTo(200);
        assertThat(managers(status.body())).containsExactly("me Apply", "controller Update status");
        assertThat(fields(status.body(), "controller")).isEqualTo("{\"f:status\":{\"f:replicas\":{}}}");
        assertThat(fields(status.body(), "me")).contains("f:replicas");

        var applied = apply(
                DEPLOYMENTS + "/web/status",
                "fieldManager=observer",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, status: {observedGeneration: 1}}");
        assertThat(applied.code()).as(applied.message()).isEqualTo(200);
        assertThat(managers(applied.body())).contains("observer Apply status");
        assertThat(applied.body().path("status").path("observedGeneration").asInt(0))
                .isEqualTo(1);
        assertThat(apply(
                                DEPLOYMENTS + "/none/status",
                                "fieldManager=me",
                                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: none}, status: {}}")
                        .code())
                .isEqualTo(404);
    }

    @Test
    void appliesScales() {
        apply(DEPLOYMENTS + "/web", "fieldManager=me", WEB);
        var scale = "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 5}}";
        var conflict = apply(DEPLOYMENTS + "/web/scale", "fieldManager=scaler", scale);
        assertThat(conflict.code()).isEqualTo(409);
        assertThat(conflict.message()).endsWith("conflict with \"me\": .spec.replicas");

        var scaled = apply(DEPLOYMENTS + "/web/scale", "fieldManager=scaler&force=true", scale);
        assertThat(scaled.code()).as(scaled.message()).isEqualTo(200);
        assertThat(scaled.body().path("kind").asString("")).isEqualTo("Scale");
        assertThat(scaled.body().path("spec").path("replicas").asInt(0)).isEqualTo(5);
        var web = server.get(DEPLOYMENTS + "/web").body();
        assertThat(managers(web)).containsExactlyInAnyOrder("me Apply", "scaler Apply scale");
        assertThat(fields(web, "scaler")).isEqualTo("{\"f:spec\":{\"f:replicas\":{}}}");
        assertThat(fields(web, "me")).doesNotContain("f:replicas");
    }

    @Test
    void dryRunTellsButDoesNotDo() {
        var created = apply(MAPS + "/m", "fieldManager=me&dryRun=All", map("{a: '1'}"));
        assertThat(created.code()).isEqualTo(201);
        assertThat(managers(created.body())).containsExactly("me Apply");
        assertThat(server.get(MAPS + "/m").code()).isEqualTo(404);
    }

    @Test
    void forgetsAllManagersOnRequest() {
        apply(MAPS + "/m", "fieldManager=me", map("{a: '1'}"));
        var reset = server.patch("merge", MAPS + "/m", "{\"metadata\":{\"managedFields\":[{}]}}");
        assertThat(reset.code()).isEqualTo(200);
        assertThat(managers(reset.body())).isEmpty();
        var kept = server.patch("merge", MAPS + "/m", "{\"data\":{\"b\":\"2\"}}");
        assertThat(managers(kept.body())).isEmpty();
        var again = apply(MAPS + "/m", "fieldManager=me", map("{c: '1'}"));
        assertThat(managers(again.body())).containsExactlyInAnyOrder("me Apply", "before-first-apply Update");
    }

    @Test
    void goesOverFromClientSideApply() {
        var last = "{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"ConfigMap\\\",\\\"data\\\":{\\\"a\\\":\\\"1\\\"},"
                + "\\\"metadata\\\":{\\\"name\\\":\\\"m\\\",\\\"namespace\\\":\\\"default\\\"}}";
        server.post(
                MAPS + "?fieldManager=kubectl-client-side-apply",
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"annotations\":"
                        + "{\"kubectl.kubernetes.io/last-applied-configuration\":\"" + last
                        + "\"}},\"data\":{\"a\":\"1\",\"z\":\"1\"}}");
        var applied = apply(MAPS + "/m", "fieldManager=kubectl", map("{a: '2'}"));
        assertThat(applied.code()).as(applied.message()).isEqualTo(200);
        assertThat(applied.body()
                        .path("metadata")
                        .path("annotations")
                        .path("kubectl.kubernetes.io/last-applied-configuration")
                        .asString(""))
                .isEqualTo(
                        "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"2\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"}}\n");
        assertThat(apply(MAPS + "/m", "fieldManager=kubectl", map("{z: '2'}")).code())
                .isEqualTo(409);
    }

    @Test
    void insistsOnAVersionWhenGiven() {
        var first = apply(MAPS + "/m", "fieldManager=me", map("{a: '1'}"));
        var versioned = map("{a: '2'}").replace("{name: m}", "{name: m, resourceVersion: '" + first.version() + "'}");
        assertThat(apply(MAPS + "/m", "fieldManager=me", versioned).code()).isEqualTo(200);
        assertThat(apply(MAPS + "/m", "fieldManager=me", versioned.replace("'2'", "'3'"))
                        .code())
                .isEqualTo(409);
        var uid = map("{a: '2'}").replace("name: m", "name: other, uid: abc");
        assertThat(apply(MAPS + "/other", "fieldManager=me", uid).message())
                .contains("uid mismatch: the provided object specified uid abc, and no existing object was found");
    }

    @Test
    void refusesBadApplies() {
        assertThat(apply(MAPS + "/m", "", map("{}")).message())
                .isEqualTo("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for"
                        + " apply patch");
        assertThat(apply(MAPS + "/m", "fieldManager=" + "x".repeat(129), map("{}"))
                        .code())
                .isEqualTo(422);
        assertThat(server.patch("merge", MAPS + "/m?force=true", "{}").message())
                .contains("force: Forbidden: may not be specified for non-apply patch");
        assertThat(apply(MAPS + "/m", "fieldManager=me", "{").code()).isEqualTo(400);
        assertThat(apply(MAPS + "/m", "fieldManager=me", "[1]").code()).isEqualTo(400);
        assertThat(apply(MAPS + "/n", "fieldManager=me", map("{}")).message())
                .contains("the name of the object (m) does not match the name on the URL (n)");
        assertThat(apply(MAPS + "/m", "fieldManager=me", map("{}").replace("v1", "v2"))
                        .message())
                .isEqualTo("Incorrect version specified in apply patch. Specified patch version: v2, expected: v1");
        assertThat(apply(MAPS + "/m", "fieldManager=me", map("{}").replace(" data", " dota"))
                        .message())
                .isEqualTo(
                        "failed to create typed patch object (default/m; v1, Kind=ConfigMap): .dota: field not declared in"
                                + " schema");
        var managed = map("{}").replace("name: m", "name: m, managedFields: [{manager: x}]");
        assertThat(apply(MAPS + "/m", "fieldManager=me", managed).message())
                .isEqualTo("metadata.managedFields must be nil");
        var twice = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: '1', a: '2'}";
        assertThat(apply(MAPS + "/m", "fieldManager=me&fieldValidation=Strict", twice)
                        .code())
                .isEqualTo(400);
    }

    @Test
    void appliesCustomObjects() {
        server.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"ships.sea.io"},
                 "spec":{"group":"sea.io","scope":"Namespaced","names":{"plural":"ships","kind":"Ship"},"versions":[
                 {"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{
                  "spec":{"type":"object","properties":{"planks":{"type":"integer"},"crew":{"type":"array","x-kubernetes-list-type":"map",
                  "x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"age":{"type":"integer"}}}}}},
                  "status":{"type":"object","properties":{"afloat":{"type":"boolean"}}}}}}}]}}
                """);
        var path = "/apis/sea.io/v1/namespaces/default/ships/a";
        Awaitility.await()
                .until(() ->
                        server.get("/apis/sea.io/v1/namespaces/default/ships").code() == 200);
        var ship =
                "{apiVersion: sea.io/v1, kind: Ship, metadata: {name: a}, spec: {planks: 3, crew: [{name: ann, age: 3}]}}";
        assertThat(apply(path, "fieldManager=me", ship).code()).isEqualTo(201);
        var more = "{apiVersion: sea.io/v1, kind: Ship, metadata: {name: a}, spec: {crew: [{name: bob}]}}";
        var both = apply(path, "fieldManager=you", more);
        assertThat(both.code()).as(both.message()).isEqualTo(200);
        assertThat(both.body().path("spec").path("crew").toString())
                .isEqualTo("[{\"name\":\"ann\",\"age\":3},{\"name\":\"bob\"}]");
        var status = apply(
                path + "/status",
                "fieldManager=me",
                "{apiVersion: sea.io/v1, kind: Ship, metadata: {name: a}, status: {afloat: true}}");
        assertThat(status.code()).as(status.message()).isEqualTo(200);
        assertThat(managers(status.body())).containsExactlyInAnyOrder("me Apply", "you Apply", "me Apply status");
    }
}
