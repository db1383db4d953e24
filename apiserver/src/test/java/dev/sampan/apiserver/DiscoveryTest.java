package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DiscoveryTest {

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void tellsGroupsAndResources() {
        assertThat(server.get("/api").body().path("versions").toString()).isEqualTo("[\"v1\"]");
        var groups = server.get("/apis").body().path("groups").findValuesAsString("name");
        assertThat(groups).contains("apps", "batch", "networking.k8s.io");
        assertThat(groups.indexOf("apps")).isLessThan(groups.indexOf("batch"));
        assertThat(groups.getLast()).isEqualTo("extensions");
        var autoscaling = server.get("/apis/autoscaling").body();
        assertThat(autoscaling.path("preferredVersion").path("version").asString(""))
                .isEqualTo("v2");
        var apps = server.get("/apis/apps/v1").body();
        assertThat(apps.path("kind").asString("")).isEqualTo("APIResourceList");
        assertThat(apps.path("resources").findValuesAsString("name"))
                .contains("deployments", "deployments/scale", "deployments/status");
        assertThat(server.get("/apis/none.example.com").code()).isEqualTo(404);
        assertThat(server.get("/apis/apps/v9").code()).isEqualTo(404);
    }

    @Test
    void tellsEverythingAtOnce() {
        for (var version : List.of("v2", "v2beta1")) {
            var accept = "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList,application/json"
                    .formatted(version);
            var answer = server.call("GET", "/apis", Map.of("accept", List.of(accept)), "");
            assertThat(answer.header("content-type")).contains("v=" + version);
            assertThat(answer.body().path("kind").asString("")).isEqualTo("APIGroupDiscoveryList");
            var first = answer.body().path("items").get(0);
            assertThat(first.path("versions").get(0).path("resources").size()).isPositive();
        }
    }

    @Test
    void isHealthy() {
        for (var path : List.of("/healthz", "/livez", "/readyz", "/livez/ping")) {
            assertThat(server.get(path).body().asString("")).isEqualTo("ok");
        }
        assertThat(server.get("/readyz?verbose").body().asString("")).contains("[+]ping ok", "readyz check passed");
        assertThat(server.get("/nothing").code()).isEqualTo(404);
    }

    @Test
    void tellsItsVersionAndStructure() {
        assertThat(server.get("/version").body().path("gitVersion").asString(""))
                .startsWith("v1.36.");
        var index = server.get("/openapi/v3").body().path("paths");
        var url = index.path("apis/apps/v1").path("serverRelativeURL").asString("");
        assertThat(url).startsWith("/openapi/v3/apis/apps/v1?hash=");
        assertThat(server.get(url).body().path("components").path("schemas").has("io.k8s.api.apps.v1.Deployment"))
                .isTrue();
    }
}
