package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    private String put(String name, String label) {
        var body =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\",\"labels\":{\"l\":\"%s\"}}}"
                        .formatted(name, label);
        var created = server.post(MAPS, body);
        return created.code() == 201
                ? created.version()
                : server.put(MAPS + "/" + name, body).version();
    }

    @Test
    void beginsWithWhatExists() {
        put("a", "1");
        put("b", "1");
        try (var watch = server.watch(MAPS + "?watch=1")) {
            assertThat(watch.first(2)).containsExactly("ADDED a", "ADDED b");
            put("c", "1");
            assertThat(watch.first(3)).endsWith("ADDED c");
        }
    }

    @Test
    void marksTheEndOfTheInitialState() {
        put("a", "1");
        var options = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        try (var watch = server.watch(MAPS + "?watch=true" + options)) {
            assertThat(watch.first(2)).containsExactly("ADDED a", "BOOKMARK ");
            var bookmark = watch.event(1).path("object");
            assertThat(bookmark.path("metadata")
                            .path("annotations")
                            .path("k8s.io/initial-events-end")
                            .asString(""))
                    .isEqualTo("true");
            assertThat(bookmark.path("metadata").path("resourceVersion").asString(""))
                    .isEqualTo(server.get(MAPS).version());
        }
    }

    @Test
    void followsSelectors() {
        put("a", "in");
        var from = put("b", "out");
        try (var watch = server.watch(MAPS + "?watch=true&labelSelector=l%3Din&resourceVersion=" + from)) {
            put("b", "in");
            var left = put("a", "out");
            put("a", "elsewhere");
            server.delete(MAPS + "/a");
            server.delete(MAPS + "/b");
            assertThat(watch.first(3)).containsExactly("ADDED b", "DELETED a", "DELETED b");
            var gone = watch.event(1).path("object").path("metadata");
            assertThat(gone.path("resourceVersion").asString("")).isEqualTo(left);
            assertThat(gone.path("labels").path("l").asString("")).isEqualTo("in");
        }
    }

    @Test
    void watchesOneObject() {
        put("a", "1");
        try (var byField = server.watch(MAPS + "?watch=true&fieldSelector=metadata.name%3Db");
                var byPath = server.watch("/api/v1/watch/namespaces/default/configmaps/b")) {
            put("b", "1");
            assertThat(byField.first(1)).containsExactly("ADDED b");
            assertThat(byPath.first(1)).containsExactly("ADDED b");
        }
    }

    @Test
    void saysWhenTheVersionIsGone() {
        var from = put("a", "1");
        put("a", "2");
        put("a", "3");
        server.store.compact(server.store.snapshot().revision());
        try (var watch = server.watch(MAPS + "?watch=true&resourceVersion=" + from)) {
            var event = watch.event(0);
            assertThat(event.path("type").asString("")).isEqualTo("ERROR");
            assertThat(event.path("object").path("code").asInt()).isEqualTo(410);
            assertThat(event.path("object").path("reason").asString("")).isEqualTo("Expired");
            Awaitility.await().until(watch::ended);
        }
    }

    @Test
    void endsInTimeAfterABookmarkOfTheLatestState() {
        try (var watch = server.watch(MAPS + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=3")) {
            var elsewhere = server.post(
                            "/api/v1/namespaces/default/secrets",
                            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"}}")
                    .version();
            assertThat(watch.first(1)).containsExactly("BOOKMARK ");
            assertThat(watch.event(0)
                            .path("object")
                            .path("metadata")
                            .path("resourceVersion")
                            .asString(""))
                    .isEqualTo(elsewhere);
            Awaitility.await().until(watch::ended);
            assertThat(watch.count()).isEqualTo(1);
        }
    }

    @Test
    void watchesTables() {
        put("a", "1");
        var accept = Map.of("accept", List.of("application/json;as=Table;v=v1;g=meta.k8s.io"));
        try (var watch = server.watch(MAPS + "?watch=true", accept)) {
            put("b", "1");
            watch.first(2);
            assertThat(watch.event(0).path("object").path("columnDefinitions").size())
                    .isEqualTo(3);
            assertThat(watch.event(1).path("object").path("columnDefinitions").isNull())
                    .isTrue();
            assertThat(watch.event(1)
                            .path("object")
                            .path("rows")
                            .get(0)
                            .path("cells")
                            .get(0)
                            .asString(""))
                    .isEqualTo("b");
        }
    }

    @Test
    void cutsOffWhoeverDoesNotRead() {
        try (var watch = server.watch(MAPS + "?watch=true")) {
            watch.pause();
            for (int i = 0; i < 20_100; i++) {
                put("a", Integer.toString(i));
            }
            watch.resume();
            Awaitility.await().until(watch::ended);
            assertThat(watch.count()).isLessThan(20_000);
        }
    }

    @Test
    void endsWhenTheServerCloses() {
        try (var watch = server.watch(MAPS + "?watch=true")) {
            Awaitility.await().until(() -> server.api.watches().count() == 1);
            server.api.close();
            Awaitility.await().until(watch::ended);
        }
    }
}
