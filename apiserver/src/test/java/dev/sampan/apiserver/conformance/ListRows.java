package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import tools.jackson.databind.JsonNode;

/** Chunks and tables. */
record ListRows(Cluster cluster) {

    private static final String TEMPLATE = "template: {spec: {containers: [{name: test, image: test}]}}";

    private String templates(int count) {
        var resource = new Resource(cluster, "", "v1", "podtemplates", "PodTemplate", cluster.namespace(), TEMPLATE);
        for (int i = 0; i < count; i++) {
            resource.create("template-%04d".formatted(i), "chunks");
        }
        return resource.path();
    }

    @Row(81)
    void returnsChunks() {
        var path = templates(40);
        for (int limit : new int[] {39, 7, 1}) {
            var found = new ArrayList<String>();
            String next = "";
            String version = "";
            do {
                var page = cluster.get(path + "?limit=" + limit + (next.isEmpty() ? "" : "&continue=" + next))
                        .ok();
                version = version.isEmpty() ? page.at("metadata.resourceVersion") : version;
                assertThat(page.at("metadata.resourceVersion")).isEqualTo(version);
                page.body().path("items").forEach(i -> found.add(name(i)));
                next = page.at("metadata.continue");
                var remaining = page.body().path("metadata").path("remainingItemCount");
                assertThat(remaining.asInt(0)).isEqualTo(40 - found.size());
                assertThat(remaining.isMissingNode()).isEqualTo(next.isEmpty());
            } while (!next.isEmpty());
            assertThat(found).hasSize(40).isSorted().doesNotHaveDuplicates();
        }
        assertThat(cluster.get(path + "?limit=0").ok().body().path("items").size())
                .isEqualTo(40);
    }

    private static String name(JsonNode item) {
        return item.path("metadata").path("name").asString("");
    }

    @Row(82)
    void continuesInconsistentlyAfterCompaction() {
        var path = templates(9);
        var first = cluster.get(path + "?limit=3").ok();
        cluster.delete(path + "/template-0005").ok();
        var store = cluster.server().store();
        store.compact(store.snapshot().revision());
        var gone = cluster.get(path + "?limit=3&continue=" + first.at("metadata.continue"))
                .refused(410);
        assertThat(gone.at("reason")).isEqualTo("Expired");
        var token = gone.at("metadata.continue");
        assertThat(token).isNotEmpty();
        var rest = cluster.get(path + "?continue=" + token).ok();
        assertThat(rest.body().path("items").valueStream().map(ListRows::name))
                .containsExactly("template-0003", "template-0004", "template-0006", "template-0007", "template-0008");
        assertThat(Long.parseLong(rest.at("metadata.resourceVersion")))
                .isGreaterThan(Long.parseLong(first.at("metadata.resourceVersion")));
    }

    @Row(83)
    void refusesTablesOfWhatHasNoMetadata() {
        var review = """
                {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview",
                 "spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}""";
        var path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        var answer =
                cluster.raw("POST", path, "application/json", review, "application/json;as=Table;v=v1;g=meta.k8s.io");
        assertThat(answer.refused(406).at("reason")).isEqualTo("NotAcceptable");
    }
}
