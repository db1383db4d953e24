package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.Yaml;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What happens to a built-in object between its bytes and its rules. */
class DecodingTest {

    private final Schema deployment = schema("apps", "v1", "Deployment");
    private final Schema pod = schema("", "v1", "Pod");

    @Test
    void findsUnknownFieldsWithTheirPaths() {
        var object = yaml("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: x, nmae: y, labels: {any: thing}}
                spec:
                  template: {spec: {containers: [{name: a, image: b, comand: []}], Volumes: []}}
                """);

        assertThat(UnknownFields.find(object, deployment))
                .containsExactly(
                        "metadata.nmae", "spec.template.spec.containers[0].comand", "spec.template.spec.Volumes");
        Pruner.prune(object, deployment);
        assertThat(UnknownFields.find(object, deployment)).isEmpty();
        assertThat(object.at("/spec/template/spec/containers/0").toString())
                .isEqualTo("{\"name\":\"a\",\"image\":\"b\"}");
    }

    @Test
    void givesValuesTheFormOfKubernetesTypes() {
        var object = yaml("""
                metadata: {name: x, creationTimestamp: null, annotations: {}, labels: {a: null}}
                spec:
                  hostNetwork: false
                  schedulerName: ""
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 0
                  securityContext: {}
                  volumes: [{name: v, emptyDir: {}}]
                  containers:
                  - name: a
                    command: []
                    resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {cpu: 0.1}}
                    ports: [{containerPort: 80, hostPort: 0}]
                status: {startTime: "2024-01-01T01:00:00+01:00", conditions: []}
                """);

        Pruner.prune(object, pod);

        assertThat(object).isEqualTo(yaml("""
                        metadata: {name: x, labels: {a: ""}}
                        spec:
                          automountServiceAccountToken: false
                          terminationGracePeriodSeconds: 0
                          securityContext: {}
                          volumes: [{name: v, emptyDir: {}}]
                          containers:
                          - name: a
                            resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 100m}}
                            ports: [{containerPort: 80}]
                        status: {startTime: "2024-01-01T00:00:00Z"}
                        """));
    }

    @Test
    void keepsZeroOfIntOrStringAndOfRequiredFields() {
        var object = yaml("{spec: {replicas: 0, strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}}}");
        var before = object.deepCopy();
        Pruner.prune(object, deployment);
        assertThat(object).isEqualTo(before);
    }

    @Test
    void setsDefaults() {
        var object = yaml(
                "{spec: {containers: [{name: a, ports: [{containerPort: 80}]}], volumes: [{name: v, iscsi: {}}]}}");
        Defaulter.apply(object, pod);
        assertThat(object)
                .isEqualTo(
                        yaml(
                                "{spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP}]}], volumes: [{name: v, iscsi: {iscsiInterface: default}}]}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{spec: {replicas: many}} | json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{spec: {replicas: 1.5}} | json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{spec: {replicas: 3000000000}} | json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{spec: []} | json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec",
                "{spec: {paused: 1}} | json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool",
                "{metadata: {labels: {a: 1}}} | json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
                "{metadata: {labels: [a]}} | json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                "{spec: {template: {spec: {containers: [{env: [{name: A, value: 1}]}]}}}} | json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
                "{spec: {template: {spec: {containers: {}}}}} | json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
                "{spec: {template: {spec: {containers: [{resources: {limits: {cpu: 1 core}}}]}}}} | quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                "{spec: {strategy: {rollingUpdate: {maxSurge: true}}}} | json: cannot unmarshal bool into Go value of type int32",
                "{metadata: {creationTimestamp: yesterday}} | parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
                "{metadata: {creationTimestamp: '2024-02-30T00:00:00Z'}} | parsing time \"2024-02-30T00:00:00Z\": day out of range"
            })
    void saysWhatDoesNotDecode(String object, String message) {
        assertThat(TypeCheck.firstError(yaml(object), deployment)).contains(message);
    }

    @Test
    void checksBase64() {
        assertThat(TypeCheck.firstError(yaml("{data: {a: 'not base64!'}}"), schema("", "v1", "Secret")))
                .contains("illegal base64 data at input byte 3");
        assertThat(TypeCheck.firstError(yaml("{data: {a: aGk=}}"), schema("", "v1", "Secret")))
                .isEmpty();
    }

    @Test
    void looksIntoTheSchemasOfCrds() {
        var crd = schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
        var object = yaml("""
                spec:
                  versions:
                  - schema:
                      openAPIV3Schema:
                        properties: {a: {items: {type: string, tpye: x}, default: {any: [1]}}, b: {additionalProperties: true}}
                """);
        assertThat(UnknownFields.find(object, crd))
                .containsExactly("spec.versions[0].schema.openAPIV3Schema.properties.a.items.tpye");
    }

    private static Schema schema(String group, String version, String kind) {
        return BuiltinCatalog.load()
                .schema(new GroupVersionKind(group, version, kind))
                .orElseThrow();
    }

    static ObjectNode yaml(String text) {
        return (ObjectNode) Yaml.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }
}
