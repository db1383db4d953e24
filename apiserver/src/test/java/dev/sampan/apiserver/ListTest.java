package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.TestServer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists: chunks, consistency, versions, selectors, other shapes. */
final class ListTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private final TestServer server = new TestServer();

    @BeforeEach
    void fill() {
        for (int i = 0; i < 5; i++) {
            server.post(
                    MAPS,
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m%d\",\"labels\":{\"n\":\"%d\",\"odd\":\"%s\"}}}"
                            .formatted(i, i, i % 2 == 1));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static List<String> names(Answer list) {
        var names = new ArrayList<String>();
        list.body()
                .path("items")
                .forEach(i -> names.add(i.path("metadata").path("name").asString("")));
        return names;
    }

    private static String token(Answer list) {
        return list.body().path("metadata").path("continue").asString("");
    }

    @Test
    void listsEverythingInOrder() {
        var list = server.get(MAPS);
        assertThat(names(list)).containsExactly("m0", "m1", "m2", "m3", "m4");
        assertThat(list.body().path("kind").asString("")).isEqualTo("ConfigMapList");
        assertThat(names(server.get("/api/v1/configmaps"))).hasSize(5);
        assertThat(names(server.get("/api/v1/namespaces/other/configmaps"))).isEmpty();
    }

    @Test
    void goesOnInChunksOfTheSameState() {
        var first = server.get(MAPS + "?limit=2");
        assertThat(names(first)).containsExactly("m0", "m1");
        assertThat(first.body().path("metadata").path("remainingItemCount").asInt())
                .isEqualTo(3);
        server.delete(MAPS + "/m2");
        var second = server.get(MAPS + "?limit=2&continue=" + token(first));
        assertThat(names(second)).containsExactly("m2", "m3");
        assertThat(second.version()).isEqualTo(first.version());
        assertThat(second.body().path("metadata").path("remainingItemCount").asInt())
                .isEqualTo(1);
        var third = server.get(MAPS + "?limit=2&continue=" + token(second));
        assertThat(names(third)).containsExactly("m4");
        assertThat(token(third)).isEmpty();
        assertThat(third.body().path("metadata").has("remainingItemCount")).isFalse();
    }

    @Test
    void offersToGoOnWhenTheStateIsGone() {
        var first = server.get(MAPS + "?limit=2");
        server.delete(MAPS + "/m2");
        server.store.compact(server.store.snapshot().revision());
        var expired = server.get(MAPS + "?limit=2&continue=" + token(first));
        assertThat(expired.code()).isEqualTo(410);
        assertThat(expired.reason()).isEqualTo("Expired");
        var rest = server.get(MAPS + "?continue=" + token(expired));
        assertThat(names(rest)).containsExactly("m3", "m4");
    }

    @Test
    void refusesBadTokensAndVersions() {
        assertThat(server.get(MAPS + "?continue=nonsense").code()).isEqualTo(400);
        assertThat(server.get(MAPS + "?resourceVersion=x").code()).isEqualTo(400);
        assertThat(server.get(MAPS + "?limit=x").code()).isEqualTo(400);
        assertThat(server.get(MAPS + "?resourceVersionMatch=Exact").code()).isEqualTo(422);
        var future = server.get(MAPS + "?resourceVersion=99999");
        assertThat(future.code()).isEqualTo(504);
        assertThat(future.body()
                        .path("details")
                        .path("causes")
                        .get(0)
                        .path("reason")
                        .asString(""))
                .isEqualTo("ResourceVersionTooLarge");
    }

    @Test
    void listsOlderStatesExactly() {
        var before = server.get(MAPS).version();
        server.delete(MAPS + "/m0");
        assertThat(names(server.get(MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + before)))
                .hasSize(5);
        assertThat(names(server.get(MAPS + "?resourceVersion=" + before))).hasSize(4);
        assertThat(names(server.get(MAPS + "?resourceVersion=0"))).hasSize(4);
    }

    @Test
    void selectsByLabelsAndFields() {
        assertThat(names(server.get(MAPS + "?labelSelector=odd%3Dtrue"))).containsExactly("m1", "m3");
        assertThat(names(server.get(MAPS + "?labelSelector=n+in+(1,2),odd!=true")))
                .containsExactly("m2");
        assertThat(names(server.get(MAPS + "?labelSelector=!odd"))).isEmpty();
        assertThat(names(server.get(MAPS + "?fieldSelector=metadata.name%3Dm3")))
                .containsExactly("m3");
        assertThat(names(server.get(
                        "/api/v1/configmaps?fieldSelector=metadata.name!%3Dm3,metadata.namespace%3Ddefault")))
                .hasSize(4);
        assertThat(server.get(MAPS + "?fieldSelector=data.a%3Db").code()).isEqualTo(400);
        assertThat(server.get(MAPS + "?labelSelector=(").code()).isEqualTo(400);
    }

    @Test
    void chunksWhatIsSelected() {
        var first = server.get(MAPS + "?limit=1&labelSelector=odd%3Dtrue");
        assertThat(names(first)).containsExactly("m1");
        assertThat(first.body().path("metadata").has("remainingItemCount")).isFalse();
        var second = server.get(MAPS + "?limit=1&labelSelector=odd%3Dtrue&continue=" + token(first));
        assertThat(names(second)).containsExactly("m3");
    }

    @Test
    void listsAsTables() {
        var accept = Map.of("accept", List.of("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"));
        var table = server.call("GET", MAPS + "?limit=2", accept, "").body();
        assertThat(table.path("kind").asString("")).isEqualTo("Table");
        assertThat(table.path("columnDefinitions").findValuesAsString("name")).containsExactly("Name", "Data", "Age");
        assertThat(table.path("rows").get(1).path("cells").get(0).asString("")).isEqualTo("m1");
        assertThat(table.path("rows").get(1).path("object").path("kind").asString(""))
                .isEqualTo("PartialObjectMetadata");
        assertThat(table.path("metadata").path("remainingItemCount").asInt()).isEqualTo(3);
        var whole = server.call("GET", MAPS + "/m1?includeObject=Object", accept, "")
                .body();
        assertThat(whole.path("rows").get(0).path("object").path("kind").asString(""))
                .isEqualTo("ConfigMap");
    }

    @Test
    void listsMetadataAlone() {
        var accept = Map.of("accept", List.of("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"));
        var list = server.call("GET", MAPS, accept, "").body();
        assertThat(list.path("kind").asString("")).isEqualTo("PartialObjectMetadataList");
        assertThat(list.path("items").get(0).path("kind").asString("")).isEqualTo("PartialObjectMetadata");
        assertThat(list.path("items").get(0).path("metadata").path("name").asString(""))
                .isEqualTo("m0");
    }

    @Test
    void answers406ForUnknownForms() {
        var unknown = Map.of("accept", List.of("application/json;as=Poem;v=v1;g=meta.k8s.io"));
        assertThat(server.call("GET", MAPS, unknown, "").code()).isEqualTo(406);
        assertThat(server.call("GET", MAPS, Map.of("accept", List.of("text/html")), "")
                        .code())
                .isEqualTo(406);
        var either = Map.of("accept", List.of("text/html, */*;q=0.8"));
        assertThat(server.call("GET", MAPS, either, "").code()).isEqualTo(200);
    }

    @Test
    void deletesCollections() {
        var answer = server.delete(MAPS + "?labelSelector=odd%3Dtrue");
        assertThat(answer.code()).isEqualTo(200);
        assertThat(names(server.get(MAPS))).containsExactly("m0", "m2", "m4");
    }
}
