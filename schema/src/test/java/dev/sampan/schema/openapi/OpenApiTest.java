package dev.sampan.schema.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest {

    private final BuiltinCatalog catalog = BuiltinCatalog.load();
    private final OpenApi openApi = new OpenApi(catalog);

    private List<ResourceType> types(String apiVersion) {
        return catalog.types().stream()
                .filter(t -> t.gvk().apiVersion().equals(apiVersion))
                .toList();
    }

    @Test
    void referencesLeadSomewhereInEveryDocument() {
        for (var type : catalog.types()) {
            var gvk = type.gvk();
            var document = openApi.v3(gvk.group(), gvk.version(), types(gvk.apiVersion()));
            assertReferences(document, document.at("/components/schemas"), "#/components/schemas/");
            assertThat(document.toString()).doesNotContain("x-proto", "x-zero");
        }
        var v2 = openApi.v2(catalog.types());
        assertReferences(v2, v2.get("definitions"), "#/definitions/");
        assertThat(openApi.v2Protobuf(v2)).hasSizeGreaterThan(500_000);
    }

    /** {@code ships.pb} was compared, as a message, with what gnostic's openapi_v3.ParseDocument makes of {@code ships.json}. */
    @Test
    void protobufIsWhatGnosticWrites() throws IOException {
        var document = (ObjectNode) Json.read(resource("ships.json")).tree();

        assertThat(openApi.v3Protobuf(document)).isEqualTo(resource("ships.pb"));
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = OpenApiTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static void assertReferences(JsonNode document, JsonNode schemas, String prefix) {
        Set<String> references = new HashSet<>();
        collect(document, references);
        assertThat(references).isNotEmpty().allSatisfy(r -> {
            assertThat(r).startsWith(prefix);
            assertThat(schemas.has(r.substring(prefix.length()))).as(r).isTrue();
        });
    }

    private static void collect(JsonNode node, Set<String> references) {
        if (node.path("$ref").isString()) {
            references.add(node.get("$ref").stringValue());
        }
        node.forEach(child -> collect(child, references));
    }

    @Test
    void patchOperationsSayWhatKubectlLooksFor() {
        var document = openApi.v3("apps", "v1", types("apps/v1"));
        var patch = document.path("paths")
                .path("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
                .path("patch");

        assertThat(patch.path("x-kubernetes-action").stringValue()).isEqualTo("patch");
        assertThat(patch.path("x-kubernetes-group-version-kind").toString())
                .isEqualTo("{\"group\":\"apps\",\"kind\":\"Deployment\",\"version\":\"v1\"}");
        assertThat(patch.at("/requestBody/content").propertyNames())
                .contains("application/strategic-merge-patch+json", "application/apply-patch+yaml");
        assertThat(patch.path("parameters")
                        .valueStream()
                        .map(p -> p.path("name").stringValue()))
                .contains("fieldValidation", "dryRun", "fieldManager", "force");
        var containers = document.path("components")
                .path("schemas")
                .path("io.k8s.api.core.v1.PodSpec")
                .at("/properties/containers");
        assertThat(containers.path("x-kubernetes-patch-merge-key").stringValue())
                .isEqualTo("name");
        assertThat(containers.path("x-kubernetes-list-map-keys").path(0).stringValue())
                .isEqualTo("name");
    }

    @Test
    void publishesCustomResources() {
        var schema = Yaml.read(
                        "{type: object, description: D, properties: {spec: {type: object, properties: {x: {type: string, nullable: true}}}}}"
                                .getBytes(StandardCharsets.UTF_8))
                .tree();
        var type = new ResourceType(
                new GroupVersionKind("stable.example.com", "v1", "CronTab"),
                "crontabs",
                "crontab",
                true,
                List.of(),
                List.of(),
                Set.of("get", "list", "create", "patch"),
                List.of(),
                Schema.ofCrd(schema),
                "v1");
        var document = openApi.v3("stable.example.com", "v1", List.of(type));

        var published = document.path("components").path("schemas").path("com.example.stable.v1.CronTab");
        assertThat(published.path("description").stringValue()).isEqualTo("D");
        assertThat(published.has("x-kubernetes-embedded-resource")).isFalse();
        assertThat(published.at("/x-kubernetes-group-version-kind/0/kind").stringValue())
                .isEqualTo("CronTab");
        var patch = document.path("paths")
                .path("/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}")
                .path("patch");
        assertThat(patch.at("/requestBody/content").propertyNames())
                .contains("application/merge-patch+json")
                .doesNotContain("application/strategic-merge-patch+json");
        var all = new ArrayList<>(catalog.types());
        all.add(type);
        var v2 = openApi.v2(all).path("definitions").path("com.example.stable.v1.CronTab");
        assertThat(v2.at("/properties/spec/properties/x").toString()).isEqualTo("{}");
    }
}
