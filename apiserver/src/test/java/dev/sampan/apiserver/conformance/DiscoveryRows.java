package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the server says it serves. */
record DiscoveryRows(Cluster cluster) {

    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %1$ss.%2$s}
            spec:
              group: %2$s
              scope: Namespaced
              names: {plural: %1$ss, kind: %3$s}
              versions:
              - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
            """;

    @Row(25)
    void supportsTheAggregatedDiscoveryInterface() {
        for (var wanted : List.of("v1/pods/Pod", "apps/v1/deployments/Deployment", "batch/v1/jobs/Job")) {
            assertThat(wanted.split("/").length == 3 ? inCore(wanted) : inGroups(wanted))
                    .isTrue();
        }
    }

    private boolean inCore(String wanted) {
        return serves(cluster.getAs("/api", AGGREGATED).ok().body(), "/" + wanted);
    }

    private boolean inGroups(String wanted) {
        return serves(cluster.getAs("/apis", AGGREGATED).ok().body(), wanted);
    }

    /** @param wanted group/version/resource/kind */
    private static boolean serves(JsonNode document, String wanted) {
        for (var group : document.path("items")) {
            for (var version : group.path("versions")) {
                for (var resource : version.path("resources")) {
                    var found = String.join(
                            "/",
                            group.path("metadata").path("name").asString(""),
                            version.path("version").asString(""),
                            resource.path("resource").asString(""),
                            resource.path("responseKind").path("kind").asString(""));
                    if (found.equals(wanted)) {
                        return version.path("freshness").asString("").equals("Current");
                    }
                }
            }
        }
        return false;
    }

    @Row(26)
    void aggregatesDefinitions() {
        cluster.define(CRD.formatted("gull", "aggregated.example.com", "Gull"));
        assertThat(inGroups("aggregated.example.com/v1/gulls/Gull")).isTrue();
        cluster.delete(Cluster.CRDS + "/gulls.aggregated.example.com").ok();
        org.awaitility.Awaitility.await().until(() -> !inGroups("aggregated.example.com/v1/gulls/Gull"));
    }

    @Row(27)
    void obeysAcceptHeadersOfAggregatedDiscovery() {
        for (var path : List.of("/api", "/apis")) {
            var aggregated = cluster.getAs(path, AGGREGATED).ok();
            assertThat(aggregated.header("content-type")).containsExactly(AGGREGATED);
            assertThat(aggregated.at("kind")).isEqualTo("APIGroupDiscoveryList");
            assertThat(aggregated.at("apiVersion")).isEqualTo("apidiscovery.k8s.io/v2");
            var beta =
                    cluster.getAs(path, AGGREGATED.replace("v=v2", "v=v2beta1")).ok();
            assertThat(beta.at("apiVersion")).isEqualTo("apidiscovery.k8s.io/v2beta1");
            var plain = cluster.getAs(path, "application/json").ok();
            assertThat(plain.header("content-type")).containsExactly("application/json");
            assertThat(plain.at("kind")).isEqualTo(path.equals("/api") ? "APIVersions" : "APIGroupList");
            var unknown = cluster.getAs(path, AGGREGATED.replace("v=v2", "v=v9") + ",application/json")
                    .ok();
            assertThat(unknown.at("kind")).isEqualTo(path.equals("/api") ? "APIVersions" : "APIGroupList");
        }
    }

    @Row(28)
    void showsDefinitionsInRawAggregatedDiscovery() {
        cluster.define(CRD.formatted("tern", "raw.example.com", "Tern"));
        var document = cluster.getAs("/apis", AGGREGATED).ok();
        assertThat(document.header("content-type")).containsExactly(AGGREGATED);
        assertThat(serves(document.body(), "raw.example.com/v1/terns/Tern")).isTrue();
        cluster.delete(Cluster.CRDS + "/terns.raw.example.com").ok();
    }

    @Row(37)
    void includesDefinitionsThemselves() {
        var group = "apiextensions.k8s.io";
        new Resource(cluster, group, "v1", "customresourcedefinitions", "CustomResourceDefinition", "", "")
                .discovered();
        assertThat(cluster.get("/apis/" + group).at("preferredVersion.groupVersion"))
                .isEqualTo(group + "/v1");
    }

    @Row(47)
    void locatesVersionAndResourceOfEachGroup() {
        var wanted = List.of(
                "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
                "apiextensions.k8s.io/v1/customresourcedefinitions",
                "apiregistration.k8s.io/v1/apiservices",
                "apps/v1/deployments",
                "authentication.k8s.io/v1/tokenreviews",
                "authorization.k8s.io/v1/selfsubjectaccessreviews",
                "autoscaling/v1/horizontalpodautoscalers",
                "autoscaling/v2/horizontalpodautoscalers",
                "batch/v1/jobs",
                "certificates.k8s.io/v1/certificatesigningrequests",
                "coordination.k8s.io/v1/leases",
                "discovery.k8s.io/v1/endpointslices",
                "events.k8s.io/v1/events",
                "flowcontrol.apiserver.k8s.io/v1/flowschemas",
                "networking.k8s.io/v1/ingresses",
                "node.k8s.io/v1/runtimeclasses",
                "policy/v1/poddisruptionbudgets",
                "scheduling.k8s.io/v1/priorityclasses",
                "storage.k8s.io/v1/csinodes");
        for (var one : wanted) {
            var parts = one.split("/");
            assertThat(cluster.get("/apis/" + parts[0])
                            .ok()
                            .body()
                            .path("versions")
                            .toString())
                    .contains("\"" + parts[0] + "/" + parts[1] + "\"");
            var resources = cluster.get("/apis/" + parts[0] + "/" + parts[1]).ok();
            assertThat(resources.at("groupVersion")).isEqualTo(parts[0] + "/" + parts[1]);
            assertThat(resources.body().path("resources").toString()).contains("\"name\":\"" + parts[2] + "\"");
        }
    }

    @Row(48)
    void prefersAVersionOfEachGroup() {
        var groups = cluster.get("/apis").ok().body().path("groups");
        assertThat(groups.size()).isGreaterThan(15);
        for (var group : groups) {
            var name = group.path("name").asString("");
            var preferred = group.path("preferredVersion").path("groupVersion").asString("");
            assertThat(group.path("versions")
                            .valueStream()
                            .map(v -> v.path("groupVersion").asString("")))
                    .as(name)
                    .contains(preferred);
            assertThat(cluster.get("/apis/" + name).ok().at("preferredVersion.groupVersion"))
                    .isEqualTo(preferred);
        }
    }

    @Row(93)
    void tellsItsVersion() {
        var version = cluster.get("/version").ok();
        assertThat(version.at("major")).isEqualTo("1");
        assertThat(version.at("minor")).matches("\\d+\\+?");
        assertThat(version.at("gitVersion"))
                .startsWith("v1." + version.at("minor").replace("+", "") + ".");
    }
}
