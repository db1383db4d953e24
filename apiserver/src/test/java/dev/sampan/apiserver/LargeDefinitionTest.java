package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Definitions as large as the largest in use, which describe whole pods several times over. */
@Timeout(120)
final class LargeDefinitionTest {

    private static final int BYTES = 1_900_000;
    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String NAME = "fleets.sea.example.com";
    private static final String FLEETS = "/apis/sea.example.com/v1/namespaces/default/fleets";
    private static final String DESCRIPTION = "What the people who build ships have to say about it, at some length. ";

    private final TestServer server = new TestServer();

    @AfterEach
    void close() {
        server.close();
    }

    /** A definition of 1.9 MB: groups of fields that each have a description of 140 characters. */
    private static String definition(String hull) {
        var groups = new StringBuilder();
        for (int group = 0; groups.length() < BYTES - 6_000; group++) {
            groups.append(",\"group%d\":{\"type\":\"object\",\"properties\":{".formatted(group));
            for (int field = 0; field < 20; field++) {
                groups.append("%s\"field%d\":{\"type\":\"string\",\"description\":\"%s\"}"
                        .formatted(field == 0 ? "" : ",", field, DESCRIPTION.repeat(2)));
            }
            groups.append("}}");
        }
        var text = """
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%s"},
                 "spec":{"group":"sea.example.com","scope":"Namespaced","names":{"plural":"fleets","kind":"Fleet"},
                  "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
                   "properties":{"spec":{"type":"object","properties":{"hull":{"type":"string","default":"%s"}%s}}}}}}]}}
                """.formatted(NAME, hull, groups);
        assertThat(text.getBytes(StandardCharsets.UTF_8).length).isBetween(BYTES - 10_000, BYTES + 10_000);
        return text;
    }

    private TestServer.Answer apply(String manager, String definition) {
        return server.call(
                "PATCH",
                CRDS + "/" + NAME + "?force=true&fieldManager=" + manager,
                Map.of("content-type", List.of("application/apply-patch+yaml")),
                definition);
    }

    private void assertServed(String hull) {
        var fleet = """
                {"apiVersion":"sea.example.com/v1","kind":"Fleet","metadata":{"generateName":"fleet-"},
                 "spec":{"group7":{"field3":"x","no":1}}}
                """;
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            var created = server.post(FLEETS, fleet);
            assertThat(created.code()).as(created.message()).isEqualTo(201);
            assertThat(created.body().path("spec"))
                    .hasToString("{\"group7\":{\"field3\":\"x\"},\"hull\":\"%s\"}".formatted(hull));
        });
        var openApi = server.get("/openapi/v3/apis/sea.example.com/v1");
        assertThat(openApi.body().toString()).contains("group100", "field19");
    }

    @Test
    void isAcceptedWhenCreatedAndThenChanged() {
        var created = server.post(CRDS, definition("oak"));
        assertThat(created.code()).as(created.message()).isEqualTo(201);
        assertServed("oak");

        var merged = server.patch("merge", CRDS + "/" + NAME, "{\"metadata\":{\"labels\":{\"size\":\"large\"}}}");
        assertThat(merged.code()).as(merged.message()).isEqualTo(200);
        var applied = apply("shipyard", definition("steel"));
        assertThat(applied.code()).as(applied.message()).isEqualTo(200);
        assertServed("steel");
    }

    @Test
    void isAcceptedWhenAppliedServerSide() {
        var applied = apply("shipyard", definition("oak"));
        assertThat(applied.code()).as(applied.message()).isEqualTo(201);
        assertServed("oak");

        var again = apply("shipyard", definition("steel"));
        assertThat(again.code()).as(again.message()).isEqualTo(200);
        assertServed("steel");
        var other = apply("other", definition("steel"));
        assertThat(other.code()).as(other.message()).isEqualTo(200);
    }
}
