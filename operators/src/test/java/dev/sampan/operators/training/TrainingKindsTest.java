package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TrainingKindsTest {

    private final CustomResourceDefinition definition = load();

    private CustomResourceDefinition load() {
        try (var in =
                Objects.requireNonNull(getClass().getResourceAsStream("/dev/sampan/operators/crds/tfjobs.json"))) {
            return new KubernetesSerialization().unmarshal(in, CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private JSONSchemaProps schema() {
        return definition.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    }

    @Test
    void theDefinitionIsKubeflows() {
        var spec = definition.getSpec();
        assertThat(definition.getMetadata().getName()).isEqualTo("tfjobs.kubeflow.org");
        assertThat(spec.getNames().getKind()).isEqualTo("TFJob");
        assertThat(spec.getNames().getShortNames()).isEmpty();
        var version = spec.getVersions().getFirst();
        assertThat(version.getName()).isEqualTo("v1");
        assertThat(version.getSubresources().getStatus()).isNotNull();
        assertThat(version.getAdditionalPrinterColumns())
                .extracting(column -> column.getName() + " " + column.getJsonPath())
                .containsExactly("State .status.conditions[-1:].type", "Age .metadata.creationTimestamp");
    }

    @Test
    void itKnowsAPodTemplateInside() {
        var template = at(schema(), "spec", "tfReplicaSpecs", "*", "template");
        var container = at(template, "spec", "containers", "*");
        assertThat(container.getRequired()).contains("name");
        assertThat(at(container, "ports").getXKubernetesListMapKeys()).containsExactly("containerPort", "protocol");
        assertThat(at(container, "ports", "*", "protocol").getDefault()).hasToString("\"TCP\"");
        assertThat(at(container, "resources", "limits", "*").getXKubernetesIntOrString())
                .isTrue();
        assertThat(at(container, "livenessProbe", "httpGet", "port").getXKubernetesIntOrString())
                .isTrue();
        assertThat(at(template, "metadata").getProperties()).containsKeys("labels", "annotations");
    }

    @Test
    void everyFieldHasAType() {
        var untyped = new ArrayList<String>();
        collectUntyped("", schema(), untyped);
        assertThat(untyped).isEmpty();
    }

    private static JSONSchemaProps at(JSONSchemaProps schema, String... path) {
        var here = schema;
        for (var step : path) {
            here = Objects.requireNonNull(step(here, step), String.join(".", path) + " at " + step);
        }
        return here;
    }

    private static @Nullable JSONSchemaProps step(JSONSchemaProps schema, String step) {
        if (!step.equals("*")) {
            return schema.getProperties().get(step);
        }
        return schema.getItems() != null
                ? schema.getItems().getSchema()
                : schema.getAdditionalProperties().getSchema();
    }

    private static void collectUntyped(String path, JSONSchemaProps schema, List<String> untyped) {
        if (schema.getType() == null && !Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
            untyped.add(path);
        }
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, field) -> collectUntyped(path + "." + name, field, untyped));
        }
        if (schema.getItems() != null) {
            collectUntyped(path + "[]", schema.getItems().getSchema(), untyped);
        }
        if (schema.getAdditionalProperties() != null) {
            collectUntyped(path + "{}", schema.getAdditionalProperties().getSchema(), untyped);
        }
    }
}
