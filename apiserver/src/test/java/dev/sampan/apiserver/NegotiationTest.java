package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which media types are answered, which are read, and how the others are refused. */
final class NegotiationTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String ALL = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

    private final TestServer server = new TestServer();

    @BeforeEach
    void fill() {
        server.post(MAPS, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"}}");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | application/json",
                "*/* | application/json",
                "application/* | application/json",
                "application/yaml | application/yaml",
                "*/*, application/yaml | application/yaml",
                "application/json;q=0.5, application/yaml | application/yaml",
                "application/yaml;q=0.5, application/json;q=0.9 | application/json",
                "application/cbor, application/json | application/json",
                "application/cbor, */*;q=0.1 | application/json",
                "text/html, application/xhtml+xml, */*;q=0.8 | application/json",
                "application/vnd.kubernetes.protobuf, application/json | application/vnd.kubernetes.protobuf",
                "application/json;as=Table;v=v9;g=meta.k8s.io, application/yaml | application/yaml",
                "application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json | application/json",
                "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io, application/json | application/json",
                "APPLICATION/JSON | application/json"
            })
    void answersTheBestOf(String accept, String type) {
        for (var path : List.of(MAPS, MAPS + "/m")) {
            var answer = server.call("GET", path, Map.of("accept", List.of(accept)), "");
            assertThat(answer.code()).isEqualTo(200);
            assertThat(answer.header("content-type")).isEqualTo(type);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/cbor",
        "text/html",
        "application/json;as=Poem;v=v1;g=meta.k8s.io",
        "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
        "'text/html, image/*;q=0.3'"
    })
    void refusesToAnswer(String accept) {
        var answer = server.call("GET", MAPS, Map.of("accept", List.of(accept)), "");
        assertThat(answer.code()).isEqualTo(406);
        assertThat(answer.body().toString())
                .contains("NotAcceptable", "only the following media types are accepted: " + ALL);
    }

    @Test
    void refusesToWatchInYaml() {
        var answer = server.call("GET", MAPS + "?watch=1", Map.of("accept", List.of("application/yaml")), "");
        assertThat(answer.code()).isEqualTo(406);
        assertThat(answer.body().asString(""))
                .contains("only the following media types are accepted: application/json, " + PROTOBUF);
    }

    @ParameterizedTest
    @CsvSource({"application/cbor", "text/plain", "application/xml;charset=utf-8", "nonsense"})
    void refusesToRead(String type) {
        var headers = Map.of("content-type", List.of(type));
        for (var verb : List.of("POST " + MAPS, "PUT " + MAPS + "/m", "DELETE " + MAPS + "/m")) {
            var parts = verb.split(" ");
            var answer = server.call(parts[0], parts[1], headers, "\u00d9\u00d9\u00f7{}");
            assertThat(answer.code()).isEqualTo(415);
            assertThat(answer.reason()).isEqualTo("UnsupportedMediaType");
            assertThat(answer.message())
                    .isEqualTo(
                            "the body of the request was in an unknown format - accepted media types include: " + ALL);
        }
        assertThat(server.get(MAPS + "/m").code()).isEqualTo(200);
    }

    @Test
    void refusesUnknownPatches() {
        var answer = server.call(
                "PATCH", MAPS + "/m", Map.of("content-type", List.of("application/apply-patch+cbor")), "{}");
        assertThat(answer.code()).isEqualTo(415);
        assertThat(answer.message())
                .isEqualTo("the body of the request was in an unknown format - accepted media types include:"
                        + " application/json-patch+json, application/merge-patch+json,"
                        + " application/strategic-merge-patch+json, application/apply-patch+yaml");
    }

    @Test
    void listsInProtobufHoldTheSame() {
        var answer = server.call("GET", MAPS, Map.of("accept", List.of(PROTOBUF)), "");
        assertThat(answer.header("content-type")).isEqualTo(PROTOBUF);
        assertThat(answer.body().asString("")).startsWith("k8s\0").contains("ConfigMapList");
    }

    @ParameterizedTest
    @CsvSource({"/openapi/v3", "/openapi/v3/api/v1", "/openapi/v2"})
    void documentsThatAreKnownAreNotSentAgain(String path) {
        var first = server.get(path);
        var tag = first.header("etag");
        assertThat(tag).matches("\"[0-9A-F]{64}\"");
        for (var known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            var again = notModified(path, known);
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(again.headers().get("etag")).containsExactly(tag);
        }
        assertThat(notModified(path, "\"other\"").status()).isEqualTo(200);
    }

    private ApiResponse.Complete notModified(String path, String known) {
        var headers = Map.of("if-none-match", List.of(known));
        return (ApiResponse.Complete)
                server.api.handle(ApiRequest.of(TestServer.ADMIN, "GET", path, headers, new byte[0]));
    }

    @Test
    void hashesLeadToTheDocumentAndStay() {
        var index = server.get("/openapi/v3").body().path("paths");
        var url = index.path("apis/batch/v1").path("serverRelativeURL").asString("");
        var document = server.get(url);
        assertThat(document.code()).isEqualTo(200);
        assertThat(document.header("cache-control")).contains("immutable");
        assertThat(document.header("vary")).isEqualTo("Accept");
        var stale = ((ApiResponse.Complete)
                server.api.handle(ApiRequest.of(TestServer.ADMIN, "GET", "/openapi/v3/apis/batch/v1?hash=OLD")));
        assertThat(stale.status()).isEqualTo(301);
        assertThat(stale.headers().get("location")).containsExactly(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3@v1.0", "v3.v1.0"})
    void documentsOfGroupVersionsAreProtobufToo(String version) {
        var type = "application/com.github.proto-openapi.spec." + version + "+protobuf";
        var answer =
                server.call("GET", "/openapi/v3/apis/batch/v1", Map.of("accept", List.of(type + ", */*;q=0.1")), "");
        assertThat(answer.code()).isEqualTo(200);
        assertThat(answer.header("content-type"))
                .isEqualTo("application/com.github.proto-openapi.spec.v3.v1.0+protobuf");
        assertThat(answer.body().asString("")).startsWith("\n\u00053.0.0").contains("io.k8s.api.batch.v1.CronJob");
    }
}
