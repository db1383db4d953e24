package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CrudTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    private static String map(String name, String data) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"%s\"}}"
                .formatted(name, data);
    }

    @Test
    void createsAndReads() {
        var created = server.post(MAPS, map("one", "1"));
        assertThat(created.code()).isEqualTo(201);
        assertThat(created.body().path("metadata").path("uid").asString("")).hasSize(36);
        assertThat(created.body().path("metadata").path("namespace").asString(""))
                .isEqualTo("default");
        assertThat(created.body().path("metadata").path("creationTimestamp").asString(""))
                .endsWith("Z");
        var read = server.get(MAPS + "/one");
        assertThat(read.code()).isEqualTo(200);
        assertThat(read.body()).isEqualTo(created.body());
    }

    @Test
    void tellsWhatIsMissing() {
        var answer = server.get(MAPS + "/none");
        assertThat(answer.code()).isEqualTo(404);
        assertThat(answer.message()).isEqualTo("configmaps \"none\" not found");
        assertThat(answer.body().path("details").path("kind").asString("")).isEqualTo("configmaps");
        assertThat(server.get("/api/v1/nonsense").message())
                .isEqualTo("the server could not find the requested resource");
    }

    @Test
    void refusesToCreateTwice() {
        server.post(MAPS, map("one", "1"));
        var again = server.post(MAPS, map("one", "1"));
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.message()).isEqualTo("configmaps \"one\" already exists");
    }

    @Test
    void generatesNames() {
        var body = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"generateName\":\"g-\"}}";
        var name = server.post(MAPS, body).body().path("metadata").path("name").asString("");
        assertThat(name).matches("g-[bcdfghjklmnpqrstvwxz2456789]{5}");
    }

    @Test
    void refusesInvalidNames() {
        var answer = server.post(MAPS, map("Not_Valid", "1"));
        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.message()).startsWith("ConfigMap \"Not_Valid\" is invalid: metadata.name: Invalid value:");
        assertThat(answer.body()
                        .path("details")
                        .path("causes")
                        .get(0)
                        .path("field")
                        .asString(""))
                .isEqualTo("metadata.name");
    }

    @Test
    void detectsStaleUpdates() {
        var first = server.post(MAPS, map("one", "1"));
        var second = server.put(MAPS + "/one", map("one", "2"));
        assertThat(second.code()).isEqualTo(200);
        var stale = first.body().toString();
        var answer = server.put(MAPS + "/one", stale);
        assertThat(answer.code()).isEqualTo(409);
        assertThat(answer.message())
                .isEqualTo("Operation cannot be fulfilled on configmaps \"one\": the object has been modified; please"
                        + " apply your changes to the latest version and try again");
    }

    @Test
    void doesNotWriteWhatDoesNotChange() {
        server.post(MAPS, map("one", "1"));
        var before = server.get(MAPS + "/one").version();
        assertThat(server.put(MAPS + "/one", map("one", "1")).version()).isEqualTo(before);
        assertThat(server.patch("merge", MAPS + "/one", "{\"data\":{\"a\":\"1\"}}")
                        .version())
                .isEqualTo(before);
    }

    @Test
    void patchesInThreeWays() {
        server.post(MAPS, map("one", "1"));
        var merged = server.patch("merge", MAPS + "/one", "{\"data\":{\"b\":\"2\"}}");
        assertThat(merged.body().path("data").path("b").asString("")).isEqualTo("2");
        var json = server.patch("json", MAPS + "/one", "[{\"op\":\"remove\",\"path\":\"/data/a\"}]");
        assertThat(json.body().path("data").has("a")).isFalse();
        var strategic = server.patch("strategic-merge", MAPS + "/one", "{\"metadata\":{\"labels\":{\"x\":\"y\"}}}");
        assertThat(strategic.body().path("metadata").path("labels").path("x").asString(""))
                .isEqualTo("y");
        assertThat(server.patch("odd", MAPS + "/one", "{}").code()).isEqualTo(415);
    }

    @Test
    void deletesOnce() {
        server.post(MAPS, map("one", "1"));
        var deleted = server.delete(MAPS + "/one");
        assertThat(deleted.code()).isEqualTo(200);
        assertThat(deleted.body().path("status").asString("")).isEqualTo("Success");
        assertThat(server.delete(MAPS + "/one").code()).isEqualTo(404);
    }

    @Test
    void keepsObjectsWithFinalizers() {
        server.post(
                MAPS,
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"f\",\"finalizers\":[\"a.b/c\"]}}");
        var deleted = server.delete(MAPS + "/f");
        assertThat(deleted.body().path("metadata").path("deletionTimestamp").asString(""))
                .isNotEmpty();
        assertThat(server.get(MAPS + "/f").code()).isEqualTo(200);
        assertThat(server.patch("merge", MAPS + "/f", "{\"metadata\":{\"finalizers\":[\"a.b/d\",\"a.b/c\"]}}")
                        .code())
                .isEqualTo(422);
        server.patch("merge", MAPS + "/f", "{\"metadata\":{\"finalizers\":null}}");
        assertThat(server.get(MAPS + "/f").code()).isEqualTo(404);
    }

    @Test
    void dryRunChangesNothing() {
        assertThat(server.post(MAPS + "?dryRun=All", map("dry", "1")).code()).isEqualTo(201);
        assertThat(server.get(MAPS + "/dry").code()).isEqualTo(404);
        server.post(MAPS, map("dry", "1"));
        assertThat(server.delete(MAPS + "/dry?dryRun=All").code()).isEqualTo(200);
        assertThat(server.get(MAPS + "/dry").code()).isEqualTo(200);
        assertThat(server.post(MAPS + "?dryRun=Some", map("dry", "1")).code()).isEqualTo(422);
    }

    @Test
    void watchesFromAVersion() {
        var first = server.post(MAPS, map("one", "1"));
        try (var watch = server.watch(MAPS + "?watch=true&resourceVersion=" + first.version())) {
            server.put(MAPS + "/one", map("one", "2"));
            server.post(MAPS, map("two", "1"));
            server.delete(MAPS + "/one");
            assertThat(watch.first(3)).containsExactly("MODIFIED one", "ADDED two", "DELETED one");
            var list = server.get(MAPS).version();
            assertThat(watch.event(2)
                            .path("object")
                            .path("metadata")
                            .path("resourceVersion")
                            .asString(""))
                    .isEqualTo(list);
        }
    }
}
