package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When JSON is written for people, and how. */
final class IndentationTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    private String text(String path, Map<String, List<String>> headers) {
        var request = ApiRequest.of(UserInfo.of("anybody"), "GET", path, headers, new byte[0]);
        var answer = (ApiResponse.Complete) server.api.handle(request);
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?pretty=true | client/1 | application/json | true",
                "?pretty=1 | client/1 | application/json | true",
                "?pretty=false | curl/8.1 | application/json | false",
                "?pretty=0 | Mozilla/5.0 (X11) | application/json | false",
                "?limit=5 | curl/8.1 | */* | true",
                "?limit=5 | Wget/1.2 | */* | true",
                "?limit=5 | Mozilla/5.0 (X11) | */* | true",
                "?limit=5 | kubectl/v1.33 | application/json | false",
                "?limit=5 | client/1 | application/json;pretty=1 | true",
            })
    void isWrittenForPeople(String query, String agent, String accept, boolean indented) {
        var headers = Map.of("user-agent", List.of(agent), "accept", List.of(accept));
        for (var path : List.of(MAPS, MAPS + "/absent", "/api/v1", "/apis")) {
            assertThat(text(path + query, headers).startsWith("{\n  \"")).isEqualTo(indented);
        }
    }

    @Test
    void looksAsGoWritesIt() {
        server.post(MAPS, """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","labels":{}},"data":{"a":"{\\"x\\": [1,2]}","b":"\\\\"}}
                """);
        assertThat(text(MAPS + "/m?pretty=true", Map.of()))
                .contains("\n  \"data\": {\n    \"a\": \"{\\\"x\\\": [1,2]}\",\n    \"b\": \"\\\\\"\n  }\n}");
        assertThat(text("/api/v1/namespaces/none/pods?pretty=true", Map.of())).endsWith("\n  \"items\": []\n}");
    }

    @Test
    void otherFormatsStayAsTheyAre() {
        assertThat(text(MAPS + "?pretty=true", Map.of("accept", List.of("application/yaml"))))
                .startsWith("apiVersion: v1");
    }
}
