package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CustomResourceTest {

    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String SHIPS = "/apis/sea.example.com/v1/namespaces/default/ships";

    private static final String SHIP = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
             "metadata":{"name":"ships.sea.example.com"},
             "spec":{"group":"sea.example.com","scope":"Namespaced",
              "names":{"plural":"ships","kind":"Ship","shortNames":["sh"]},
              "versions":[{"name":"v1","served":true,"storage":true,
               "additionalPrinterColumns":[
                 {"name":"Planks","type":"integer","jsonPath":".spec.planks"},
                 {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\\"Ready\\")].status"}],
               "selectableFields":[{"jsonPath":".spec.color"}],
               "subresources":{"status":{},
                "scale":{"specReplicasPath":".spec.planks","statusReplicasPath":".status.planks"}},
               "schema":{"openAPIV3Schema":{"type":"object","properties":{
                 "spec":{"type":"object","required":["planks"],"properties":{
                   "planks":{"type":"integer","minimum":1},
                   "color":{"type":"string","default":"blue"}}},
                 "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
            """;

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    private void define() {
        var created = server.post(CRDS, SHIP);
        assertThat(created.code()).as(created.message()).isEqualTo(201);
        Awaitility.await().until(() -> established());
    }

    private boolean established() {
        var crd = server.get(CRDS + "/ships.sea.example.com").body();
        for (var condition : crd.path("status").path("conditions")) {
            if (condition.path("type").asString("").equals("Established")) {
                return condition.path("status").asString("").equals("True");
            }
        }
        return false;
    }

    private static String ship(String name, String spec) {
        return "{\"apiVersion\":\"sea.example.com/v1\",\"kind\":\"Ship\",\"metadata\":{\"name\":\"%s\"},\"spec\":%s}"
                .formatted(name, spec);
    }

    @Test
    void servesWhatIsDefined() {
        define();
        var created = server.post(SHIPS, ship("junk", "{\"planks\":3,\"sails\":2}"));
        assertThat(created.code()).as(created.message()).isEqualTo(201);
        assertThat(created.body().path("spec").toString()).isEqualTo("{\"planks\":3,\"color\":\"blue\"}");
        assertThat(created.header("warning")).contains("unknown field \\\"spec.sails\\\"");
        assertThat(created.body().path("metadata").path("generation").asInt()).isEqualTo(1);
        assertThat(server.get("/apis/sea.example.com/v1").body().toString()).contains("\"ships/status\"", "\"sh\"");
        assertThat(server.get("/openapi/v3/apis/sea.example.com/v1").code()).isEqualTo(200);
    }

    @Test
    void validatesBySchema() {
        define();
        var answer = server.post(SHIPS, ship("junk", "{\"planks\":0}"));
        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.message())
                .isEqualTo(
                        "Ship.sea.example.com \"junk\" is invalid: spec.planks: Invalid value: 0: spec.planks in body"
                                + " should be greater than or equal to 1");
        assertThat(server.post(SHIPS, ship("junk", "{}")).message()).contains("spec.planks: Required value");
        assertThat(server.post(SHIPS + "?fieldValidation=Strict", ship("junk", "{\"planks\":1,\"sails\":2}"))
                        .code())
                .isEqualTo(400);
    }

    @Test
    void separatesStatusFromSpecification() {
        define();
        server.post(SHIPS, ship("junk", "{\"planks\":3}"));
        var both = "{\"spec\":{\"planks\":4},\"status\":{\"planks\":9}}";
        var status = server.patch("merge", SHIPS + "/junk/status", both);
        assertThat(status.body().path("spec").path("planks").asInt()).isEqualTo(3);
        assertThat(status.body().path("status").path("planks").asInt()).isEqualTo(9);
        assertThat(status.body().path("metadata").path("generation").asInt()).isEqualTo(1);
        var spec = server.patch("merge", SHIPS + "/junk", both.replace("9", "7"));
        assertThat(spec.body().path("status").path("planks").asInt()).isEqualTo(9);
        assertThat(spec.body().path("metadata").path("generation").asInt()).isEqualTo(2);
        var scale = server.get(SHIPS + "/junk/scale").body();
        assertThat(scale.path("spec").path("replicas").asInt()).isEqualTo(4);
        assertThat(scale.path("status").path("replicas").asInt()).isEqualTo(9);
        server.patch("merge", SHIPS + "/junk/scale", "{\"spec\":{\"replicas\":6}}");
        assertThat(server.get(SHIPS + "/junk")
                        .body()
                        .path("spec")
                        .path("planks")
                        .asInt())
                .isEqualTo(6);
    }

    @Test
    void insistsOnAVersionAndRefusesStrategicMerge() {
        define();
        server.post(SHIPS, ship("junk", "{\"planks\":3}"));
        var blind = server.put(SHIPS + "/junk", ship("junk", "{\"planks\":4}"));
        assertThat(blind.code()).isEqualTo(422);
        assertThat(blind.message())
                .endsWith("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
        assertThat(server.patch("strategic-merge", SHIPS + "/junk", "{}").code())
                .isEqualTo(415);
    }

    @Test
    void selectsByDeclaredFields() {
        define();
        server.post(SHIPS, ship("a", "{\"planks\":3,\"color\":\"red\"}"));
        server.post(SHIPS, ship("b", "{\"planks\":3}"));
        assertThat(server.get(SHIPS + "?fieldSelector=spec.color%3Dred")
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(1);
        assertThat(server.get(SHIPS + "?fieldSelector=spec.planks%3D3").code()).isEqualTo(400);
    }

    @Test
    void deletesInstancesWithTheDefinition() {
        define();
        server.post(SHIPS, ship("junk", "{\"planks\":3}"));
        server.delete(CRDS + "/ships.sea.example.com");
        Awaitility.await()
                .until(() -> server.get(CRDS + "/ships.sea.example.com").code() == 404);
        Awaitility.await().until(() -> server.get(SHIPS).code() == 404);
        define();
        assertThat(server.get(SHIPS).body().path("items").size()).isZero();
    }

    @Test
    void waitsForInstancesWithFinalizers() {
        define();
        server.post(SHIPS, ship("junk", "{\"planks\":3}"));
        server.patch("merge", SHIPS + "/junk", "{\"metadata\":{\"finalizers\":[\"a.b/c\"]}}");
        server.delete(CRDS + "/ships.sea.example.com");
        Awaitility.await()
                .until(() -> server.get(SHIPS + "/junk").body().path("metadata").has("deletionTimestamp"));
        assertThat(server.get(CRDS + "/ships.sea.example.com").code()).isEqualTo(200);
        server.patch("merge", SHIPS + "/junk", "{\"metadata\":{\"finalizers\":null}}");
        Awaitility.await()
                .until(() -> server.get(CRDS + "/ships.sea.example.com").code() == 404);
    }

    @Test
    void refusesBadDefinitions() {
        var unstructured = SHIP.replace("\"type\":\"integer\",\"minimum\":1", "\"minimum\":1");
        assertThat(server.post(CRDS, unstructured).message())
                .contains("planks].type: Required value: must not be empty for specified object fields");
        assertThat(server.post(CRDS, SHIP.replace("ships.sea", "boats.sea")).message())
                .contains("must be spec.names.plural+\".\"+spec.group");
    }

    @Test
    void reportsNamesThatAreTaken() {
        define();
        var other = SHIP.replace("ships.sea", "boats.sea").replace("\"plural\":\"ships\"", "\"plural\":\"boats\"");
        assertThat(server.post(CRDS, other).code()).isEqualTo(201);
        Awaitility.await()
                .until(() -> server.get(CRDS + "/boats.sea.example.com")
                        .body()
                        .toString()
                        .contains("SingularConflict"));
        assertThat(server.get("/apis/sea.example.com/v1/boats").code()).isEqualTo(404);
    }
}
