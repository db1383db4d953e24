package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.store.Entry;
import dev.sampan.store.Event;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.Snapshot;
import dev.sampan.store.Store;
import dev.sampan.store.StoreFullException;
import dev.sampan.store.Subscription;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and programs get wrong: each is told what, and afterwards everything is there and works as before. */
final class BadInputTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    @TempDir
    private Path pki;

    private final FillableStore store = new FillableStore();
    private WholeServer server;

    @BeforeEach
    void start() {
        server = new WholeServer(pki, UnaryOperator.identity(), store);
        server.post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}, data: {a: '1'}}")
                .ok();
    }

    /** Nothing is lost, and writing works. */
    @AfterEach
    void goesOn() {
        assertThat(server.get(MAPS + "/kept").ok().at("data.a")).isEqualTo("1");
        server.post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: after}}")
                .ok();
        server.close();
    }

    private WholeServer.Answer send(String method, String path, String type, String body) {
        return server.send(ApiRequest.of(
                WholeServer.ADMIN,
                method,
                path,
                Map.of("content-type", List.of(type)),
                body.getBytes(StandardCharsets.UTF_8)));
    }

    private static final String UNKNOWN =
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\",\"nam\":\"y\"},\"dota\":{}}";

    @Test
    void unknownFieldsAreRefusedWarnedOfOrDropped() {
        var strict = send("POST", MAPS + "?fieldValidation=Strict", "application/json", UNKNOWN);
        assertThat(strict.code()).isEqualTo(400);
        assertThat(strict.at("reason")).isEqualTo("BadRequest");
        assertThat(strict.message())
                .isEqualTo(
                        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown"
                                + " field \"metadata.nam\", unknown field \"dota\"");
        var warned = send("POST", MAPS + "?fieldValidation=Warn&dryRun=All", "application/json", UNKNOWN);
        assertThat(warned.ok().header("warning"))
                .containsExactlyInAnyOrder(
                        "299 - \"unknown field \\\"dota\\\"\"", "299 - \"unknown field \\\"metadata.nam\\\"\"");
        var ignored = send("POST", MAPS + "?fieldValidation=Ignore", "application/json", UNKNOWN);
        assertThat(ignored.ok().header("warning")).isEmpty();
        assertThat(ignored.body().has("dota")).isFalse();
    }

    @Test
    void fieldsThatStandTwiceAreRefused() {
        var json =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":\"1\"},\"data\":{}}";
        var inJson = send("POST", MAPS + "?fieldValidation=Strict", "application/json", json);
        assertThat(inJson.refused(400).message()).contains("strict decoding error: duplicate field \"data\"");
        var yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '1'}\ndata: {}\n";
        var inYaml = send("POST", MAPS + "?fieldValidation=Strict", "application/yaml", yaml);
        assertThat(inYaml.refused(400).message()).contains("data");
        assertThat(server.get(MAPS + "/x").code()).isEqualTo(404);
    }

    @Test
    void wrongTypesAreNamed() {
        var wrong = server.post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {a: 1}}");
        assertThat(wrong.refused(400).message())
                .isEqualTo(
                        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into"
                                + " Go struct field ConfigMap.data of type string");
    }

    @Test
    void immutableFieldsStay() {
        var jobs = "/apis/apps/v1/namespaces/default/deployments";
        server.post(
                        jobs,
                        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {a: b}},"
                                + " template: {metadata: {labels: {a: b, c: d}}, spec: {containers: [{name: c, image: i}]}}}}")
                .ok();
        var changed = server.patch(jobs + "/d", "{spec: {selector: {matchLabels: {c: d}}}}");
        assertThat(changed.refused(422).message()).contains("spec.selector", "field is immutable");
        assertThat(changed.at("details.causes.0.reason")).isEqualTo("FieldValueInvalid");
        assertThat(server.get(jobs + "/d").at("spec.selector.matchLabels")).isEqualTo("{\"a\":\"b\"}");
    }

    @Test
    void invalidNamesAreExplained() {
        var answer = server.post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name}}");
        assertThat(answer.refused(422).at("reason")).isEqualTo("Invalid");
        assertThat(answer.message()).contains("metadata.name: Invalid value: \"Not_A_Name\"", "RFC 1123 subdomain");
        assertThat(answer.at("details.causes.0.field")).isEqualTo("metadata.name");
    }

    @Test
    void requestsMayHaveThreeMegabytes() {
        var answer = send("POST", MAPS, "application/json", " ".repeat(3 * 1024 * 1024 + 1));
        assertThat(answer.refused(413).at("reason")).isEqualTo("RequestEntityTooLarge");
        assertThat(answer.message()).isEqualTo("Request entity too large: limit is 3145728");
    }

    @Test
    void staleVersionsAreAConflict() {
        var old = server.get(MAPS + "/kept").at("metadata.resourceVersion");
        server.patch(MAPS + "/kept", "{metadata: {labels: {tier: web}}}").ok();
        var stale = server.put(
                MAPS + "/kept",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, resourceVersion: '" + old + "'}}");
        assertThat(stale.refused(409).at("reason")).isEqualTo("Conflict");
        assertThat(stale.message())
                .isEqualTo(
                        "Operation cannot be fulfilled on configmaps \"kept\": the object has been modified; please apply"
                                + " your changes to the latest version and try again");
    }

    @Test
    void whoMayNotIsToldWhat() {
        var refused = server.call(UserInfo.of("jane"), "DELETE", MAPS + "/kept", "");
        assertThat(refused.refused(403).at("reason")).isEqualTo("Forbidden");
        assertThat(refused.message())
                .isEqualTo(
                        "configmaps \"kept\" is forbidden: User \"jane\" cannot delete resource \"configmaps\" in API group"
                                + " \"\" in the namespace \"default\"");
    }

    @Test
    void aFullDiskStopsWritesAlone() {
        store.full = true;
        var body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}";
        var refused = server.post(MAPS, body);
        assertThat(refused.refused(500).at("reason")).isEqualTo("InternalError");
        assertThat(refused.message()).contains("no space is left");
        server.patch(MAPS + "/kept", "{data: {a: '2'}}").refused(500);
        server.delete(MAPS + "/kept").refused(500);
        assertThat(server.get(MAPS + "/kept").ok().at("data.a")).isEqualTo("1");
        store.full = false;
        server.post(MAPS, body).ok();
    }

    @Test
    void aListFromForgottenTimesIsGone() {
        long first = store.snapshot().revision();
        server.patch(MAPS + "/kept", "{metadata: {labels: {tier: web}}}").ok();
        store.compact(store.snapshot().revision());
        var gone = server.get(MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + first);
        assertThat(gone.refused(410).at("reason")).isEqualTo("Expired");
    }

    /** Definitions in the wild are larger than what etcd takes by default. */
    @Test
    void aDefinitionOfAlmostTwoMegabytesIsTaken() {
        var crd = """
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%1$s.sea.io"},
                "spec":{"group":"sea.io","scope":"Namespaced","names":{"plural":"%1$s","kind":"%2$s"},"versions":[{"name":"v1","served":true,
                "storage":true,"schema":{"openAPIV3Schema":{"type":"object","description":"%3$s"}}}]}}""";
        var text = "x".repeat(1_900_000);
        assertThat(send("POST", CRDS, "application/json", crd.formatted("ships", "Ship", text))
                        .code())
                .isEqualTo(201);
        var applied = send(
                "PATCH",
                CRDS + "/boats.sea.io?fieldManager=me",
                "application/apply-patch+yaml",
                crd.formatted("boats", "Boat", text));
        assertThat(applied.code()).as(applied.message()).isEqualTo(201);
        Awaitility.await()
                .until(() ->
                        server.get("/apis/sea.io/v1/namespaces/default/boats").code() == 200);
    }

    /** A store whose disk can be full. */
    private static final class FillableStore implements Store {

        private final Store store = new MemoryStore();
        private volatile boolean full;

        @Override
        public Snapshot snapshot() {
            return store.snapshot();
        }

        @Override
        public Snapshot snapshot(long revision) {
            return store.snapshot(revision);
        }

        @Override
        public CompletableFuture<Entry> put(String key, byte[] value, long expectedRevision) {
            return full ? refused() : store.put(key, value, expectedRevision);
        }

        @Override
        public CompletableFuture<Entry> delete(String key, long expectedRevision) {
            return full ? refused() : store.delete(key, expectedRevision);
        }

        private static CompletableFuture<Entry> refused() {
            return CompletableFuture.failedFuture(new StoreFullException("no space is left on the disk", null));
        }

        @Override
        public Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
            return store.watch(prefix, fromRevision, consumer);
        }

        @Override
        public void compact(long revision) {
            store.compact(revision);
        }

        @Override
        public long compactedRevision() {
            return store.compactedRevision();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
