package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;

/** ValidatingAdmissionPolicy and limits on ranges. */
record AdmissionRows(Cluster cluster) {

    private static final String GROUP = "admissionregistration.k8s.io";

    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %s}
            spec:
              replicas: %d
              selector: {matchLabels: {app: a}}
              template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}
            """;

    /** A policy on Deployments of one labelled namespace, with its binding. */
    private String bound(String rest) {
        var name = cluster.unique("policy");
        var namespace = cluster.namespace();
        cluster.patch("/api/v1/namespaces/" + namespace, "metadata: {labels: {policy: " + name + "}}")
                .ok();
        cluster.post("/apis/" + GROUP + "/v1/validatingadmissionpolicies", """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %s}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
                    namespaceSelector: {matchLabels: {policy: %s}}
                %s
                """.formatted(name, name, rest))
                .ok();
        cluster.post("/apis/" + GROUP + "/v1/validatingadmissionpolicybindings", """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %s}
                spec: {policyName: %s, validationActions: [Deny]}
                """.formatted(name, name))
                .ok();
        return namespace;
    }

    private void allowsTwoAndRefusesOne(String namespace, String words) {
        var path = "/apis/apps/v1/namespaces/" + namespace + "/deployments";
        Awaitility.await()
                .untilAsserted(() -> cluster.post(path + "?dryRun=All", DEPLOYMENT.formatted("marker", 1))
                        .refused(422));
        assertThat(cluster.post(path, DEPLOYMENT.formatted("one", 1))
                        .refused(422)
                        .message())
                .contains(words);
        cluster.post(path, DEPLOYMENT.formatted("two", 2)).refused(201);
        cluster.patch(path + "/two", "spec: {replicas: 1}").refused(422);
        cluster.patch(path + "/two", "spec: {replicas: 3}").ok();
    }

    @Row(87)
    void validatesDeployments() {
        var namespace = bound("""
                  validations:
                  - {expression: object.spec.replicas > 1, messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)"}
                """);
        allowsTwoAndRefusesOne(namespace, "wants replicas > 1, got 1");
    }

    @Row(84)
    void letsExpressionsReferToVariables() {
        var namespace = bound("""
                  variables:
                  - {name: replicas, expression: object.spec.replicas}
                  - {name: oddReplicas, expression: variables.replicas % 2 == 1}
                  validations:
                  - {expression: variables.replicas > 1}
                  - {expression: 'variables.oddReplicas || variables.replicas == 2'}
                """);
        allowsTwoAndRefusesOne(namespace, "failed expression: variables.replicas > 1");
        cluster.patch("/apis/apps/v1/namespaces/" + namespace + "/deployments/two", "spec: {replicas: 4}")
                .refused(422);
    }

    @Row(85)
    void policies() {
        var policies =
                new Resource(cluster, GROUP, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", "", """
                spec:
                  validations: [{expression: "object.spec.replicas <= 100"}]
                  matchConstraints:
                    namespaceSelector: {matchLabels: {nobody: nowhere}}
                    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
                """);
        policies.cycle();
        var name = cluster.unique("policy");
        policies.create(name, "status");
        policies.status(
                name,
                "status: {conditions: [{type: PatchStatusFailed, status: 'False', reason: Row, message: m,"
                        + " lastTransitionTime: '2024-01-01T00:00:00Z'}]}",
                "status.conditions.0.type",
                "PatchStatusFailed");
        cluster.delete(policies.path(name)).ok();
    }

    @Row(86)
    void bindings() {
        new Resource(
                        cluster,
                        GROUP,
                        "v1",
                        "validatingadmissionpolicybindings",
                        "ValidatingAdmissionPolicyBinding",
                        "",
                        """
                spec: {policyName: replicalimit-policy.example.com, validationActions: [Deny]}
                """)
                .cycle();
    }

    private static final String LIMITS = """
            spec:
              limits:
              - type: Container
                min: {cpu: 50m, memory: 100Mi, ephemeral-storage: 100Gi}
                max: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Gi}
                default: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Gi}
                defaultRequest: {cpu: 100m, memory: 200Mi, ephemeral-storage: 200Gi}
            """;

    @Row(308)
    void givesPodsTheDefaultsOfALimitRange() {
        var namespace = cluster.namespace();
        var ranges = new Resource(cluster, "", "v1", "limitranges", "LimitRange", namespace, LIMITS);
        try (var watch = cluster.watch(ranges.path())) {
            ranges.create("limits", "row");
            assertThat(watch.first(1)).containsExactly("ADDED limits");
        }
        var pods = new Resource(cluster, "", "v1", "pods", "Pod", namespace, "");
        var none = cluster.post(pods.path(), pod("none", "{}")).refused(201);
        assertThat(none.at("spec.containers.0.resources"))
                .contains("\"limits\":{\"cpu\":\"500m\",\"memory\":\"500Mi\",\"ephemeral-storage\":\"500Gi\"}")
                .contains("\"requests\":{\"cpu\":\"100m\",\"memory\":\"200Mi\",\"ephemeral-storage\":\"200Gi\"}");
        var partial = cluster.post(
                        pods.path(),
                        pod(
                                "partial",
                                "{requests: {cpu: 300m, memory: 150Mi, ephemeral-storage: 150Gi}, limits: {cpu: 300m}}"))
                .refused(201);
        assertThat(partial.at("spec.containers.0.resources.limits.memory")).isEqualTo("500Mi");
        assertThat(partial.at("spec.containers.0.resources.requests.memory")).isEqualTo("150Mi");
        cluster.post(pods.path(), pod("small", "{requests: {cpu: 10m, memory: 50Mi, ephemeral-storage: 50Gi}}"))
                .refused(403);
        cluster.post(pods.path(), pod("big", "{limits: {cpu: 600m, memory: 600Mi, ephemeral-storage: 600Gi}}"))
                .refused(403);
        cluster.patch(
                        ranges.path("limits"),
                        LIMITS.replace(
                                "50m, memory: 100Mi, ephemeral-storage: 100Gi",
                                "5m, memory: 5Mi, ephemeral-storage: 5Gi"))
                .ok();
        cluster.post(pods.path(), pod("small", "{requests: {cpu: 10m, memory: 50Mi, ephemeral-storage: 50Gi}}"))
                .refused(201);
        cluster.delete(ranges.path("limits")).ok();
        cluster.post(pods.path(), pod("big", "{limits: {cpu: 600m}}")).refused(201);
    }

    private static String pod(String name, String resources) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: c, image: i, resources: %s}]}"
                .formatted(name, resources);
    }

    @Row(309)
    void limitRanges() {
        var ranges = new Resource(cluster, "", "v1", "limitranges", "LimitRange", cluster.namespace(), LIMITS);
        ranges.cycle();
        ranges.create("patched", "patched");
        var patched =
                cluster.patchAs("strategic-merge", ranges.path("patched"), "{\"metadata\":{\"labels\":{\"x\":\"z\"}}}");
        assertThat(patched.ok().at("metadata.labels.x")).isEqualTo("z");
        cluster.delete(ranges.path() + "?labelSelector=x%3Dz").ok();
        assertThat(cluster.names(ranges.path())).isEmpty();
    }
}
