package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Preconditions, propagation, grace. */
final class DeletionTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** Pods linger for half a minute unless told otherwise. */
    private static final KindRules LINGERING = new KindRules() {
        @Override
        public @Nullable Long gracePeriodSeconds(ObjectNode object, @Nullable Long requested) {
            return requested == null ? Long.valueOf(30) : requested;
        }
    };

    private final TestServer server =
            new TestServer(InstantSource.fixed(NOW), Map.of(new GroupKind("", "Pod"), LINGERING), List.of());

    @AfterEach
    void close() {
        server.close();
    }

    private JsonNode create(String path, String kind, String name) {
        var body = "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}}".formatted(kind, name);
        return server.post(path, body).body();
    }

    private static String options(String fields) {
        return "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"," + fields + "}";
    }

    @Test
    void checksPreconditions() {
        create(MAPS, "ConfigMap", "a");
        var wrong = server.delete(MAPS + "/a", options("\"preconditions\":{\"uid\":\"wrong\"}"));
        assertThat(wrong.code()).isEqualTo(409);
        assertThat(wrong.message()).contains("Precondition failed: UID in precondition: wrong, UID in object meta:");
        assertThat(server.delete(MAPS + "/a", options("\"preconditions\":{\"resourceVersion\":\"1\"}"))
                        .code())
                .isEqualTo(409);
        var version = server.get(MAPS + "/a").version();
        assertThat(server.delete(MAPS + "/a", options("\"preconditions\":{\"resourceVersion\":\"" + version + "\"}"))
                        .code())
                .isEqualTo(200);
    }

    @Test
    void leavesDependentsToFinalizers() {
        create(MAPS, "ConfigMap", "a");
        var orphaning = server.delete(MAPS + "/a", options("\"propagationPolicy\":\"Orphan\""));
        assertThat(orphaning.body().path("metadata").path("finalizers").toString())
                .isEqualTo("[\"orphan\"]");
        create(MAPS, "ConfigMap", "b");
        var foreground = server.delete(MAPS + "/b?propagationPolicy=Foreground");
        assertThat(foreground.body().path("metadata").path("finalizers").toString())
                .isEqualTo("[\"foregroundDeletion\"]");
        create(MAPS, "ConfigMap", "c");
        server.delete(MAPS + "/c", options("\"propagationPolicy\":\"Background\""));
        assertThat(server.get(MAPS + "/c").code()).isEqualTo(404);
        assertThat(server.delete(MAPS + "/a", options("\"propagationPolicy\":\"Never\""))
                        .code())
                .isEqualTo(422);
    }

    @Test
    void givesGrace() {
        create(PODS, "Pod", "p");
        var first = server.delete(PODS + "/p").body().path("metadata");
        assertThat(first.path("deletionTimestamp").asString("")).isEqualTo("2026-01-01T00:00:30Z");
        assertThat(first.path("deletionGracePeriodSeconds").asInt()).isEqualTo(30);
        var again = server.delete(PODS + "/p").body().path("metadata");
        assertThat(again).isEqualTo(first);
        var longer = server.delete(PODS + "/p?gracePeriodSeconds=60").body().path("metadata");
        assertThat(longer).isEqualTo(first);
        var shorter = server.delete(PODS + "/p?gracePeriodSeconds=10").body().path("metadata");
        assertThat(shorter.path("deletionTimestamp").asString("")).isEqualTo("2026-01-01T00:00:10Z");
        server.delete(PODS + "/p", options("\"gracePeriodSeconds\":0"));
        assertThat(server.get(PODS + "/p").code()).isEqualTo(404);
    }

    @Test
    void removesAtOnceWhenForced() {
        create(PODS, "Pod", "p");
        server.delete(PODS + "/p?gracePeriodSeconds=0");
        assertThat(server.get(PODS + "/p").code()).isEqualTo(404);
    }

    @Test
    void deletionCannotBeTakenBack() {
        create(PODS, "Pod", "p");
        var deleting = server.delete(PODS + "/p").body().path("metadata");
        var patched = server.patch(
                "merge", PODS + "/p", "{\"metadata\":{\"deletionTimestamp\":null,\"labels\":{\"a\":\"b\"}}}");
        assertThat(patched.body().path("metadata").path("deletionTimestamp"))
                .isEqualTo(deleting.path("deletionTimestamp"));
        assertThat(patched.body().path("metadata").path("labels").path("a").asString(""))
                .isEqualTo("b");
    }
}
