package dev.sampan.apiserver.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.webhook.FakeWebhook;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Conversion of custom resources by webhook: {@code hostPort} in v1, stored as {@code host} and {@code port} in v2. */
final class ConversionTest {

    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String V1 = "/apis/sea.example.com/v1/namespaces/default/buoys";
    private static final String V2 = "/apis/sea.example.com/v2/namespaces/default/buoys";

    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: buoys.sea.example.com}
            spec:
              group: sea.example.com
              scope: Namespaced
              names: {plural: buoys, kind: Buoy}
              conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: %s}}
              versions:
              - name: v1
                served: true
                storage: %s
                selectableFields: [{jsonPath: .hostPort}]
                schema: {openAPIV3Schema: {type: object, required: [hostPort], properties: {
                  hostPort: {type: string, pattern: '^.+:[0-9]+$'}, color: {type: string, default: red}}}}
              - name: v2
                served: true
                storage: %s
                schema: {openAPIV3Schema: {type: object, properties: {
                  host: {type: string}, port: {type: string}, color: {type: string}}}}
            """;

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static FakeWebhook hooks;

    @SuppressWarnings("NullAway.Init")
    private static WholeServer server;

    @BeforeAll
    static void start() throws Exception {
        hooks = new FakeWebhook(directory.resolve("hooks")).raw("/convert", 200, ConversionTest::convert);
        hooks.raw("/refuse", 200, review -> {
            var answer = answer(review);
            answer.withObject("/response/result").put("status", "Failed").put("message", "the sea is rough");
            return answer.toString();
        });
        hooks.raw("/rename", 200, review -> convert(review).replace("\"name\":\"", "\"name\":\"x"));
        server = new WholeServer(directory.resolve("pki"));
    }

    @AfterAll
    static void stop() {
        server.close();
        hooks.close();
    }

    @BeforeEach
    void define() {
        if (server.get(CRDS + "/buoys.sea.example.com").code() == 200) {
            server.put(CRDS + "/buoys.sea.example.com", crd("/convert", "v2")).ok();
            server.delete(V2).ok();
        } else {
            server.post(CRDS, crd("/convert", "v2")).ok();
        }
        hooks.forgetCalls();
        Awaitility.await().until(() -> server.get(V1).code() == 200);
    }

    private static String crd(String path, String storage) {
        var client = "{url: '%s', caBundle: %s}".formatted(hooks.url(path), hooks.bundle());
        return CRD.formatted(client, storage.equals("v1"), storage.equals("v2"));
    }

    private static void useHook(String path) {
        var client = "spec: {conversion: {webhook: {clientConfig: {url: '" + hooks.url(path) + "'}}}}";
        server.patch(CRDS + "/buoys.sea.example.com", client).ok();
    }

    private static ObjectNode answer(JsonNode review) {
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "ConversionReview");
        answer.putObject("response")
                .put("uid", review.path("request").path("uid").asString(""));
        return answer;
    }

    private static String convert(JsonNode review) {
        var answer = answer(review);
        var response = (ObjectNode) answer.get("response");
        response.putObject("result").put("status", "Success");
        var converted = response.putArray("convertedObjects");
        var wanted = review.path("request").path("desiredAPIVersion").asString("");
        for (var object : review.path("request").path("objects")) {
            converted.add(converted((ObjectNode) object.deepCopy(), wanted));
        }
        return answer.toString();
    }

    private static ObjectNode converted(ObjectNode object, String wanted) {
        if (wanted.endsWith("v2")) {
            var parts = object.path("hostPort").asString(":").split(":");
            object.put("host", parts[0]).put("port", parts[1]).remove("hostPort");
        } else {
            var hostPort =
                    object.path("host").asString("") + ":" + object.path("port").asString("");
            object.put("hostPort", hostPort).remove(List.of("host", "port"));
        }
        return object.put("apiVersion", wanted);
    }

    private static String v1(String name, String hostPort) {
        return "apiVersion: sea.example.com/v1\nkind: Buoy\nmetadata: {name: %s}\nhostPort: '%s'"
                .formatted(name, hostPort);
    }

    @Test
    void convertsEveryWay() {
        var created = server.post(V1, v1("a", "north:80")).ok();
        assertThat(created.at("hostPort") + created.at("color")).isEqualTo("north:80red");
        var asV2 = server.get(V2 + "/a").ok();
        assertThat(asV2.at("host") + asV2.at("port") + asV2.at("hostPort")).isEqualTo("north80");
        assertThat(asV2.at("apiVersion")).isEqualTo("sea.example.com/v2");
        assertThat(asV2.at("metadata.uid")).isEqualTo(created.at("metadata.uid"));
        server.patch(V1 + "/a", "hostPort: south:81").ok();
        assertThat(server.get(V2 + "/a").at("port")).isEqualTo("81");
        var applied = server.send(ApiRequest.of(
                WholeServer.ADMIN,
                "PATCH",
                V1 + "/a?fieldManager=t&force=true",
                Map.of("content-type", List.of("application/apply-patch+yaml")),
                v1("a", "west:82").getBytes(StandardCharsets.UTF_8)));
        assertThat(applied.ok().at("hostPort")).isEqualTo("west:82");
        assertThat(applied.at("metadata.managedFields")).contains("\"apiVersion\":\"sea.example.com/v1\"");
        assertThat(server.get(V1 + "?fieldSelector=hostPort%3Dwest:82").ok().at("items.0.metadata.name"))
                .isEqualTo("a");
    }

    @Test
    void validatesInTheVersionOfTheRequest() {
        assertThat(server.post(V1, v1("bad", "nowhere")).refused(422).message()).contains("hostPort");
        assertThat(server.post(V1, v1("bad", "").replace("hostPort: ''", ""))
                        .refused(422)
                        .message())
                .contains("hostPort: Required value");
        server.post(V1, v1("good", "north:80")).ok();
        hooks.forgetCalls();
        assertThat(server.patch(V1 + "/good", "hostPort: null").refused(422).message())
                .contains("hostPort: Required value");
        assertThat(hooks.calls()).as("only to read what is stored").containsExactly("/convert");
    }

    @Test
    void convertsAListInOneCallAndWatchesInTheVersionAskedFor() {
        try (var watch = server.watch(
                V1 + "?watch=true&resourceVersion=" + server.get(V1).at("metadata.resourceVersion"))) {
            for (var name : List.of("a", "b", "c")) {
                server.post(V1, v1(name, name + ":1")).ok();
            }
            watch.first(3); // it converts what it shows itself, on a thread of its own
            hooks.forgetCalls();
            assertThat(server.get(V1).ok().at("items.2.hostPort")).isEqualTo("c:1");
            assertThat(hooks.calls()).containsExactly("/convert");
            assertThat(watch.event(2).path("object").path("hostPort").asString(""))
                    .isEqualTo("c:1");
        }
    }

    @Test
    void keepsWhatWasStoredInAnotherVersion() {
        server.post(V1, v1("old", "old:1")).ok();
        server.put(CRDS + "/buoys.sea.example.com", crd("/convert", "v1")).ok();
        Awaitility.await()
                .until(() -> server.post(V1 + "?dryRun=All", v1("x", "x:1")).code() == 201);
        server.post(V1, v1("new", "new:1")).ok();
        assertThat(server.get(CRDS + "/buoys.sea.example.com").at("status.storedVersions"))
                .isEqualTo("[\"v2\",\"v1\"]");
        for (var name : List.of("old", "new")) {
            assertThat(server.get(V1 + "/" + name).ok().at("hostPort")).isEqualTo(name + ":1");
            assertThat(server.get(V2 + "/" + name).ok().at("host")).isEqualTo(name);
        }
        var without =
                "spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}";
        assertThat(server.patch(CRDS + "/buoys.sea.example.com", without)
                        .refused(422)
                        .message())
                .contains("status.storedVersions[0]: Invalid value: \"v2\": missing from spec.versions");
    }

    @Test
    void tellsWhyAConversionFailed() {
        server.post(V1, v1("a", "a:1")).ok();
        useHook("/refuse");
        Awaitility.await().until(() -> server.get(V1 + "/a").code() == 500);
        assertThat(server.get(V1 + "/a").message())
                .contains("conversion webhook for sea.example.com/v2, Kind=Buoy failed: the sea is rough");
        assertThat(server.get(V2 + "/a").code()).isEqualTo(200);
        useHook("/rename");
        Awaitility.await().until(() -> server.get(V1 + "/a").message().contains("must have the same name: xa != a"));
        useHook("/nowhere");
        Awaitility.await()
                .until(() ->
                        server.get(V1 + "/a").message().contains("the server could not find the requested resource"));
    }

    @Test
    void checksWhereTheWebhookIs() {
        var other = crd("/convert", "v2").replace("buoys", "rafts").replace("Buoy", "Raft");
        assertThat(server.post(CRDS, other.replace("https://", "http://"))
                        .refused(422)
                        .message())
                .contains("'https' is the only allowed URL scheme");
        assertThat(server.post(CRDS, other.replace("[v1]", "[v7]")).refused(422).message())
                .contains("must include v1");
        assertThat(server.post(CRDS, other.replace("strategy: Webhook", "strategy: None"))
                        .refused(422)
                        .message())
                .contains("should not be set when strategy is not set to Webhook");
    }
}
