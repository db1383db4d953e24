package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An operator as others write them. Its definition, {@code crews.yml}, is what fabric8's crd-generator-api-v2 7.6.1 made of a class
 * with a whole pod template and annotations for a default, a maximum, a CEL rule and a printer column (the generator needs an older
 * fabric8 client than this project's, so it does not run here).
 */
@Timeout(60)
final class GeneratedDefinitionTest {

    private static final String GROUP = "crews.example.com";

    private static void define(KubernetesClient client) throws IOException {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("sea")
                        .endMetadata()
                        .build())
                .create();
        try (var definition = Objects.requireNonNull(GeneratedDefinitionTest.class.getResourceAsStream("crews.yml"))) {
            client.load(definition).serverSideApply();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> established(client));
    }

    private static boolean established(KubernetesClient client) {
        var status = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("crews." + GROUP)
                .require()
                .getStatus();
        return status != null
                && status.getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    private static GenericKubernetesResource create(KubernetesClient client, String name, String spec) {
        var text = """
                {"apiVersion": "%s/v1", "kind": "Crew", "metadata": {"name": "%s", "namespace": "sea"}, "spec": %s}
                """.formatted(GROUP, name, spec);
        return client.resource(client.getKubernetesSerialization().unmarshal(text, GenericKubernetesResource.class))
                .create();
    }

    @Test
    void isServedAsItSays() throws IOException {
        try (var api = TestApi.start()) {
            var client = api.admin();
            define(client);

            var created = create(client, "first", """
                    {"sailors": 3, "ship": "junk", "cannons": 8, "template": {"spec": {"containers": [
                      {"name": "c", "image": "busybox", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
                       "ports": [{"containerPort": 80, "speed": 9}]}]}}}
                    """);

            assertThat(created.<String>get("spec", "leader")).isEqualTo("captain");
            assertThat(created.<Object>get("spec", "cannons")).isNull();
            List<Map<String, Object>> containers = created.get("spec", "template", "spec", "containers");
            assertThat(containers)
                    .singleElement()
                    .satisfies(c -> assertThat(c)
                            .containsEntry("resources", Map.of("limits", Map.of("cpu", 1, "memory", "1Gi")))
                            .containsEntry("ports", List.of(Map.of("containerPort", 80))));
        }
    }

    @Test
    void refusesWhatItForbids() throws IOException {
        try (var api = TestApi.start()) {
            var client = api.admin();
            define(client);
            create(client, "first", "{\"sailors\": 3, \"ship\": \"junk\"}");

            assertThatThrownBy(() -> create(client, "second", "{\"sailors\": 13}"))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.sailors: Invalid value: 13");
            assertThatThrownBy(() -> create(client, "third", "{}"))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.sailors: Required value");
            var first = client.genericKubernetesResources(GROUP + "/v1", "Crew")
                    .inNamespace("sea")
                    .withName("first");
            assertThatThrownBy(() ->
                            first.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"ship\": \"other\"}}"))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("a ship keeps its name");
        }
    }
}
