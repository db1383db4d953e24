package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.TestServer.Answer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The options of lists, watches and deletecollection: which are refused, and in which words. */
final class ListOptionsTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
    private static final String PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

    private final TestServer server = new TestServer();

    @BeforeEach
    void fill() {
        for (int i = 0; i < 4; i++) {
            server.post(
                    MAPS,
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m%d\",\"labels\":{\"odd\":\"%s\"}}}"
                            .formatted(i, i % 2 == 1));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** One refusal: the query, the code, and what the message says. */
    record Refusal(String query, int code, String says) {}

    static Stream<Refusal> refusals() {
        var match = "resourceVersionMatch: Forbidden: ";
        return Stream.of(
                new Refusal(
                        "resourceVersionMatch=Exact",
                        422,
                        match + "resourceVersionMatch is forbidden unless resourceVersion is provided"),
                new Refusal(
                        "resourceVersionMatch=Exact&resourceVersion=0",
                        422,
                        match + "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""),
                new Refusal(
                        "resourceVersionMatch=Newest&resourceVersion=1",
                        422,
                        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Newest\":"
                                + " supported values: \"Exact\", \"NotOlderThan\", \"\""),
                new Refusal(
                        "resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x",
                        422,
                        match + "resourceVersionMatch is forbidden when continue is provided"),
                new Refusal(
                        "sendInitialEvents=true",
                        422,
                        "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is"
                                + " forbidden for list"),
                new Refusal(
                        "watch=1&sendInitialEvents=true",
                        422,
                        match + "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
                new Refusal(
                        "watch=1&resourceVersionMatch=NotOlderThan",
                        422,
                        match + "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
                new Refusal(
                        "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1",
                        422,
                        "resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\""),
                new Refusal(
                        "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
                        422,
                        match + "resourceVersionMatch is forbidden when continue is provided"),
                new Refusal("resourceVersion=x", 400, "parsing \"x\": invalid syntax"),
                new Refusal("resourceVersion=-1", 400, "parsing \"-1\": invalid syntax"),
                new Refusal("watch=1&resourceVersion=x", 400, "parsing \"x\": invalid syntax"),
                new Refusal("limit=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"),
                new Refusal("watch=1&timeoutSeconds=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"),
                new Refusal("resourceVersion=18446744073709551615", 504, "Timeout: Too large resource version"),
                new Refusal("resourceVersion=999&resourceVersionMatch=Exact", 504, "Too large resource version: 999"),
                new Refusal("resourceVersion=5&continue=" + token("{}"), 400, "not allowed when using continue"),
                new Refusal("continue=%21", 400, "invalid continue token: continue key is not valid: "),
                new Refusal(
                        "continue=" + token("{\"v\":\"v9\"}"), 400, "does not recognize this encoded version \"v9\""),
                new Refusal(
                        "continue=" + token("{\"v\":\"meta.k8s.io/v1\",\"rv\":0,\"start\":\"a\"}"),
                        400,
                        "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"),
                new Refusal(
                        "continue=" + token("{\"v\":\"meta.k8s.io/v1\",\"rv\":1.5,\"start\":\"a\"}"),
                        400,
                        "incorrect encoded start resourceVersion"),
                new Refusal("continue=" + token("{\"v\":\"meta.k8s.io/v1\",\"rv\":3}"), 400, "encoded start key empty"),
                new Refusal("labelSelector=a+in+b", 400, "unable to parse requirement"),
                new Refusal("fieldSelector=spec.x%3D1", 400, "\"spec.x\" is not a known field selector"));
    }

    private static String token(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(Refusal refusal) {
        var answer = server.get(MAPS + "?" + refusal.query());
        assertThat(answer.code()).as(answer.message()).isEqualTo(refusal.code());
        assertThat(answer.message()).contains(refusal.says());
    }

    /** Nobody gets out of a list's range with a token that was made up. */
    @ParameterizedTest
    @CsvSource({"default/m2, 2", "../secrets/x, 4", "kube-system/a, 0", "zzz, 0", "/, 4"})
    void tokensStayWithinTheList(String start, int found) {
        var token = token("{\"v\":\"meta.k8s.io/v1\",\"rv\":-1,\"start\":\"" + start + "\"}");
        var list = server.get(MAPS + "?continue=" + token);
        assertThat(list.code()).isEqualTo(200);
        assertThat(list.body().path("items").findValuesAsString("name"))
                .hasSize(found)
                .allMatch(n -> n.startsWith("m"));
    }

    @Test
    void goesOnInconsistentlyInChunksAfterCompaction() {
        var first = server.get(MAPS + "?limit=1");
        server.delete(MAPS + "/m1");
        server.store.compact(server.store.snapshot().revision());
        var expired = server.get(MAPS + "?limit=1&continue=" + next(first));
        assertThat(expired.code()).isEqualTo(410);
        assertThat(expired.message()).startsWith("The provided continue parameter is too old to display a consistent");
        var second = server.get(MAPS + "?limit=1&continue=" + next(expired));
        assertThat(second.body().path("items").findValuesAsString("name")).containsExactly("m2");
        var third = server.get(MAPS + "?limit=1&continue=" + next(second));
        assertThat(third.body().path("items").findValuesAsString("name")).containsExactly("m3");
        assertThat(third.version()).isEqualTo(second.version());
        assertThat(next(third)).isEmpty();
        var exact = server.get(MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + first.version());
        assertThat(exact.code()).isEqualTo(410);
        assertThat(exact.message()).isEqualTo("The resourceVersion for the provided list is too old.");
    }

    private static String next(Answer list) {
        return list.body().path("metadata").path("continue").asString("");
    }

    @Test
    void versionsMatchExactlyOrAtLeast() {
        var before = server.get(MAPS).version();
        server.delete(MAPS + "/m0");
        var at = MAPS + "?resourceVersion=" + before;
        assertThat(sizes(at + "&resourceVersionMatch=Exact&limit=9")).isEqualTo(4);
        assertThat(sizes(at + "&resourceVersionMatch=NotOlderThan&limit=9")).isEqualTo(3);
        assertThat(sizes(at + "&limit=9")).isEqualTo(4);
        assertThat(sizes(at)).isEqualTo(3);
        assertThat(sizes(MAPS + "?resourceVersion=0&resourceVersionMatch=NotOlderThan"))
                .isEqualTo(3);
        assertThat(server.get(at + "&resourceVersionMatch=Exact").version()).isEqualTo(before);
    }

    private int sizes(String path) {
        return server.get(path).body().path("items").size();
    }

    @Test
    void initialEventsCanBeLeftOut() {
        var options = "&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        try (var none = server.watch(MAPS + "?watch=1&sendInitialEvents=false" + options);
                var all =
                        server.watch(MAPS + "?watch=1&sendInitialEvents=true" + options + "&labelSelector=odd%3Dtrue");
                var silent = server.watch(
                        MAPS + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0")) {
            Awaitility.await().until(() -> server.api.watches().count() == 3);
            server.delete(MAPS + "/m1");
            assertThat(none.first(1)).containsExactly("DELETED m1");
            assertThat(all.first(4)).containsExactly("ADDED m1", "ADDED m3", "BOOKMARK ", "DELETED m1");
            assertThat(silent.first(5)).endsWith("ADDED m3", "DELETED m1");
        }
    }

    @Test
    void bookmarksHaveTheShapeOfTheEvents() {
        var options = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        try (var tables = server.watch(MAPS + options, Map.of("accept", List.of(TABLE)));
                var partial = server.watch(MAPS + options, Map.of("accept", List.of(PARTIAL)))) {
            var table = tables.event(4);
            assertThat(table.path("type").asString("")).isEqualTo("BOOKMARK");
            assertThat(table.path("object").path("kind").asString("")).isEqualTo("Table");
            assertThat(table.path("object").path("rows").get(0).path("object").toString())
                    .contains("k8s.io/initial-events-end");
            var bookmark = partial.event(4).path("object");
            assertThat(bookmark.path("kind").asString("")).isEqualTo("PartialObjectMetadata");
            assertThat(bookmark.toString()).contains("k8s.io/initial-events-end");
            assertThat(partial.event(0).path("object").has("data")).isFalse();
        }
    }

    @Test
    void labelChangesComeAndGoInEveryShape() {
        var from = server.get(MAPS).version();
        var path = MAPS + "?watch=1&labelSelector=odd%3Dtrue&resourceVersion=" + from;
        try (var tables = server.watch(path, Map.of("accept", List.of(TABLE)));
                var partial = server.watch(path, Map.of("accept", List.of(PARTIAL)))) {
            server.patch("merge", MAPS + "/m0", "{\"metadata\":{\"labels\":{\"odd\":\"true\"}}}");
            server.patch("merge", MAPS + "/m0", "{\"metadata\":{\"labels\":{\"odd\":\"false\"}}}");
            assertThat(partial.first(2)).containsExactly("ADDED m0", "DELETED m0");
            assertThat(tables.event(0).path("type").asString("")).isEqualTo("ADDED");
            assertThat(tables.event(1).path("type").asString("")).isEqualTo("DELETED");
        }
    }

    @Test
    void goneVersionsAreErrorsInEveryShape() {
        var from = server.get(MAPS).version();
        server.delete(MAPS + "/m0");
        server.delete(MAPS + "/m1");
        server.store.compact(server.store.snapshot().revision());
        for (var accept : List.of("application/json", TABLE, PARTIAL)) {
            try (var watch =
                    server.watch(MAPS + "?watch=1&resourceVersion=" + from, Map.of("accept", List.of(accept)))) {
                assertThat(watch.event(0).path("type").asString("")).isEqualTo("ERROR");
                assertThat(watch.event(0).path("object").path("code").asInt()).isEqualTo(410);
                assertThat(watch.event(0).path("object").path("message").asString(""))
                        .startsWith("too old resource version: " + from);
            }
        }
    }

    @Test
    void collectionsAreDeletedInChunksAndUnderConditions() {
        var first = server.delete(MAPS + "?limit=1");
        assertThat(first.body().path("items").findValuesAsString("name")).containsExactly("m0");
        assertThat(next(first)).isNotEmpty();
        assertThat(sizes(MAPS)).isEqualTo(3);
        var refused = server.delete(MAPS, "{\"kind\":\"DeleteOptions\",\"preconditions\":{\"uid\":\"other\"}}");
        assertThat(refused.code()).isEqualTo(409);
        assertThat(sizes(MAPS)).isEqualTo(3);
        assertThat(server.delete(MAPS + "?dryRun=All").code()).isEqualTo(200);
        assertThat(sizes(MAPS)).isEqualTo(3);
        assertThat(server.delete(MAPS + "?fieldSelector=metadata.name%3Dm1").code())
                .isEqualTo(200);
        assertThat(server.delete(MAPS + "?resourceVersionMatch=Exact").code()).isEqualTo(422);
        assertThat(server.delete(MAPS + "?labelSelector=odd%3Dfalse").code()).isEqualTo(200);
        assertThat(server.get(MAPS).body().path("items").findValuesAsString("name"))
                .containsExactly("m3");
    }

    @ParameterizedTest
    @CsvSource({"9223372036854775807", "-9223372036854775808", "1e400", "1.5", "'\"x\"'"})
    void anyNumberOfSecondsOfGraceIsAnswered(String seconds) {
        var answer = server.delete(MAPS + "/m0", "{\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":" + seconds + "}");
        assertThat(answer.code()).as(answer.message()).isBetween(200, 499);
    }
}
