package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bodies may look like, and what is said about those that may not. */
final class BodyTest {

    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static final String DEPLOYMENT = """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1,
             "selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """;

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void fillsInDefaults() {
        var withPort = DEPLOYMENT.replace("\"image\":\"i\"", "\"image\":\"i\",\"ports\":[{\"containerPort\":80}]");
        var pod = server.post(DEPLOYMENTS, withPort)
                .body()
                .path("spec")
                .path("template")
                .path("spec");
        assertThat(pod.path("containers")
                        .get(0)
                        .path("ports")
                        .get(0)
                        .path("protocol")
                        .asString(""))
                .isEqualTo("TCP");
    }

    @Test
    void warnsOfUnknownAndRepeatedFields() {
        var odd = DEPLOYMENT.replace("\"replicas\":1", "\"replicas\":2,\"replicas\":1,\"foo\":1");
        var warned = server.post(DEPLOYMENTS + "?dryRun=All", odd);
        assertThat(warned.code()).isEqualTo(201);
        assertThat(warned.headers().get("warning"))
                .containsExactlyInAnyOrder(
                        "299 - \"unknown field \\\"spec.foo\\\"\"", "299 - \"duplicate field \\\"spec.replicas\\\"\"");
        var silent = server.post(DEPLOYMENTS + "?dryRun=All&fieldValidation=Ignore", odd);
        assertThat(silent.headers()).doesNotContainKey("warning");
        var strict = server.post(DEPLOYMENTS + "?fieldValidation=Strict", odd);
        assertThat(strict.code()).isEqualTo(400);
        assertThat(strict.message())
                .startsWith("Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: ")
                .contains("unknown field \"spec.foo\"", "duplicate field \"spec.replicas\"");
        assertThat(server.post(DEPLOYMENTS + "?fieldValidation=Perhaps", odd).code())
                .isEqualTo(422);
    }

    @Test
    void refusesWrongTypes() {
        var answer = server.post(DEPLOYMENTS, DEPLOYMENT.replace("\"replicas\":1", "\"replicas\":\"one\""));
        assertThat(answer.code()).isEqualTo(400);
        assertThat(answer.message())
                .isEqualTo(
                        "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string"
                                + " into Go struct field DeploymentSpec.spec.replicas of type int32");
        server.post(DEPLOYMENTS, DEPLOYMENT);
        assertThat(server.patch("merge", DEPLOYMENTS + "/web", "{\"spec\":{\"replicas\":\"one\"}}")
                        .code())
                .isEqualTo(422);
    }

    @Test
    void refusesOtherKinds() {
        assertThat(server.post(MAPS, DEPLOYMENT).message())
                .isEqualTo(
                        "Deployment in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Deployment) to"
                                + " (v1.ConfigMap): unknown conversion");
        var otherVersion = "{\"apiVersion\":\"v2\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}";
        assertThat(server.post(MAPS, otherVersion).message())
                .isEqualTo("the API version in the data (v2) does not match the expected API version (v1)");
        assertThat(server.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}").code()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "3", "null", "\"x\"", "{\"metadata\":3}", "{\"metadata\":{\"labels\":[]}}"})
    void answersBadBodiesWith400(String body) {
        assertThat(server.post(MAPS, body).code()).isEqualTo(400);
    }

    @Test
    void readsAndWritesYaml() {
        var yaml = Map.of("content-type", List.of("application/yaml"), "accept", List.of("application/yaml"));
        var answer = server.call(
                "POST", MAPS, yaml, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yam}\ndata: {a: b}\n");
        assertThat(answer.code()).as(answer.body().asString("")).isEqualTo(201);
        assertThat(answer.body().asString("")).contains("kind: ConfigMap\n", "  a: b\n");
        var odd = Map.of("content-type", List.of("text/plain"));
        assertThat(server.call("POST", MAPS, odd, "x").code()).isEqualTo(415);
    }

    @Test
    void readsAndWritesProtobuf() {
        server.post(
                MAPS,
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"p\"},\"data\":{\"a\":\"b\"}}");
        var request = ApiRequest.of(
                TestServer.ADMIN,
                "GET",
                MAPS + "/p",
                Map.of("accept", List.of("application/vnd.kubernetes.protobuf,application/json")),
                new byte[0]);
        var binary = (ApiResponse.Complete) server.api.handle(request);
        assertThat(binary.headers().get("content-type")).containsExactly("application/vnd.kubernetes.protobuf");
        server.delete(MAPS + "/p");
        var post = ApiRequest.of(
                TestServer.ADMIN,
                "POST",
                MAPS,
                Map.of("content-type", List.of("application/vnd.kubernetes.protobuf")),
                binary.body());
        // The version of the old object must not be there on creation.
        assertThat(((ApiResponse.Complete) server.api.handle(post)).status()).isEqualTo(400);
    }

    @Test
    void checksNamesAgainstThePath() {
        server.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}");
        assertThat(server.put(MAPS + "/a", "{\"metadata\":{\"name\":\"b\"}}").message())
                .isEqualTo("the name of the object (b) does not match the name on the URL (a)");
        assertThat(server.post(MAPS, "{\"metadata\":{\"name\":\"c\",\"namespace\":\"other\"}}")
                        .message())
                .isEqualTo("the namespace of the provided object does not match the namespace sent on the request");
        assertThat(server.put(MAPS + "/zzz", "{\"metadata\":{\"name\":\"zzz\"}}")
                        .code())
                .isEqualTo(404);
    }

    @Test
    void checksMetadata() {
        var labels = server.post(MAPS, "{\"metadata\":{\"name\":\"a\",\"labels\":{\"-x\":\"y\"}}}");
        assertThat(labels.message()).contains("metadata.labels: Invalid value: \"-x\": name part must consist of");
        var owners = "[{\"apiVersion\":\"v1\",\"kind\":\"A\",\"name\":\"a\",\"uid\":\"1\",\"controller\":true},"
                + "{\"apiVersion\":\"v1\",\"kind\":\"B\",\"name\":\"b\",\"uid\":\"2\",\"controller\":true}]";
        var owned = server.post(MAPS, "{\"metadata\":{\"name\":\"a\",\"ownerReferences\":" + owners + "}}");
        assertThat(owned.message()).contains("Only one reference can have Controller set to true");
        server.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}");
        var uid = server.put(MAPS + "/a", "{\"metadata\":{\"name\":\"a\",\"uid\":\"other\"}}");
        assertThat(uid.code()).isEqualTo(409);
        var time = server.put(
                MAPS + "/a", "{\"metadata\":{\"name\":\"a\",\"creationTimestamp\":\"2020-01-01T00:00:00Z\"}}");
        assertThat(time.message()).contains("metadata.creationTimestamp").endsWith("field is immutable");
    }

    @Test
    void keepsStatusAndSpecificationApart() {
        server.post(DEPLOYMENTS, DEPLOYMENT);
        var both =
                "{\"spec\":{\"replicas\":7},\"status\":{\"replicas\":3},\"metadata\":{\"annotations\":{\"a\":\"b\"}}}";
        var status = server.patch("strategic-merge", DEPLOYMENTS + "/web/status", both)
                .body();
        assertThat(status.path("spec").path("replicas").asInt()).isEqualTo(1);
        assertThat(status.path("status").path("replicas").asInt()).isEqualTo(3);
        assertThat(status.path("metadata").path("annotations").path("a").asString(""))
                .isEqualTo("b");
        assertThat(status.path("metadata").path("generation").asInt()).isEqualTo(1);
        var spec = server.patch("strategic-merge", DEPLOYMENTS + "/web", both.replace("3", "4"))
                .body();
        assertThat(spec.path("spec").path("replicas").asInt()).isEqualTo(7);
        assertThat(spec.path("status").path("replicas").asInt()).isEqualTo(3);
        assertThat(spec.path("metadata").path("generation").asInt()).isEqualTo(2);
    }

    @Test
    void scales() {
        server.post(DEPLOYMENTS, DEPLOYMENT);
        var scale = server.get(DEPLOYMENTS + "/web/scale").body();
        assertThat(scale.path("kind").asString("")).isEqualTo("Scale");
        assertThat(scale.path("status").path("selector").asString("")).isEqualTo("app=web");
        var more = scale.toString().replace("\"spec\":{\"replicas\":1}", "\"spec\":{\"replicas\":5}");
        assertThat(server.put(DEPLOYMENTS + "/web/scale", more)
                        .body()
                        .path("spec")
                        .path("replicas")
                        .asInt())
                .isEqualTo(5);
        assertThat(server.put(DEPLOYMENTS + "/web/scale", more).code()).isEqualTo(409);
        var negative = server.patch("merge", DEPLOYMENTS + "/web/scale", "{\"spec\":{\"replicas\":-1}}");
        assertThat(negative.code()).isEqualTo(422);
        assertThat(negative.message()).contains("spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    }

    @Test
    void limitsBodiesAndObjects() {
        var large = "{\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":\"" + "x".repeat(3 * 1024 * 1024) + "\"}}";
        assertThat(server.post(MAPS, large).code()).isEqualTo(413);
        var small = "{\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":\"" + "x".repeat(2_000_000) + "\"}}";
        var half = "{\"binaryData\":null,\"data\":{\"b\":\"" + "x".repeat(2_000_000) + "\"}}";
        assertThat(server.post(MAPS, small).code()).isEqualTo(201);
        assertThat(server.patch("merge", MAPS + "/a", half).code()).isEqualTo(413);
    }
}
