package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dashboard made for Kubernetes finds. */
final class MetricsTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @TempDir
    private Path pki;

    private WholeServer server;

    @BeforeEach
    void start() {
        server = new WholeServer(pki);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String metrics() {
        return server.get("/metrics").ok().body().asString("");
    }

    private void create(String query) {
        server.post(MAPS + query, "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: m-}}")
                .ok();
    }

    @Test
    void tellsOfRequests() {
        create("");
        create("?dryRun=All");
        server.get(MAPS).ok();
        var labels =
                "component=\"apiserver\",dry_run=\"%s\",group=\"\",resource=\"configmaps\",scope=\"%s\",subresource=\"\","
                        + "verb=\"%s\",version=\"v1\"";
        assertThat(metrics())
                .contains("apiserver_request_total{code=\"201\"," + labels.formatted("", "resource", "POST") + "} 1\n")
                .contains(
                        "apiserver_request_total{code=\"201\"," + labels.formatted("All", "resource", "POST") + "} 1\n")
                .contains("apiserver_request_duration_seconds_count{" + labels.formatted("", "namespace", "LIST")
                        + "} 1\n")
                .contains(labels.formatted("", "namespace", "LIST") + ",le=\"0.005\"}")
                .contains("apiserver_current_inflight_requests{request_kind=\"readOnly\"} 1\n")
                .contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 0\n");
    }

    @Test
    void tellsOfWatches() {
        try (var watch = server.watch(MAPS + "?watch=1")) {
            create("");
            watch.first(1);
            var labels = "group=\"\",kind=\"ConfigMap\",version=\"v1\"";
            Awaitility.await().until(() -> metrics().contains("apiserver_watch_events_total{" + labels + "} 1\n"));
            assertThat(metrics())
                    .contains(
                            "apiserver_longrunning_requests{component=\"apiserver\",group=\"\",resource=\"configmaps\","
                                    + "subresource=\"\",verb=\"WATCH\",version=\"v1\"} 1\n");
        }
    }

    @Test
    void tellsOfObjectsFairnessAndTheProcess() {
        create("");
        var metrics = metrics();
        assertThat(metrics)
                .contains("apiserver_storage_objects{resource=\"namespaces\"} 4\n")
                .containsPattern("apiserver_flowcontrol_nominal_limit_seats\\{priority_level=\"global-default\"} [1-9]")
                .contains("apiserver_flowcontrol_current_inqueue_requests{priority_level=\"global-default\"} 0\n")
                .containsPattern("apiserver_flowcontrol_dispatched_requests_total\\{flow_schema=\"exempt\","
                        + "priority_level=\"exempt\"} [1-9]")
                .containsPattern("\nprocess_cpu_seconds_total [0-9.]+\n")
                .containsPattern("\nprocess_resident_memory_bytes [1-9][0-9]+\n");
    }

    @Test
    void tellsOfAdmission() {
        create("");
        server.post("/api/v1/namespaces/nowhere/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}");
        var step =
                "apiserver_admission_step_admission_duration_seconds_count{operation=\"CREATE\",rejected=\"%s\",type=\"%s\"} ";
        var plugin = "apiserver_admission_controller_admission_duration_seconds_count{name=\"NamespaceLifecycle\","
                + "operation=\"CREATE\",rejected=\"%s\",type=\"%s\"} 1\n";
        assertThat(metrics())
                .contains(step.formatted(true, "admit") + "1\n")
                .contains(step.formatted(false, "validate") + "1\n")
                .contains(plugin.formatted(true, "admit"))
                .contains(plugin.formatted(false, "admit"));
    }

    @Test
    void tellsOfPolicies() {
        var policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
        server.post(policies + "ies", """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicy
                        metadata: {name: small}
                        spec:
                          matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}]}
                          validations: [{expression: "!has(object.data)"}]
                        """).ok();
        server.post(policies + "ybindings", """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicyBinding
                        metadata: {name: here}
                        spec: {policyName: small, validationActions: [Deny]}
                        """).ok();
        var large = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: m-}, data: {a: b}}";
        Awaitility.await().until(() -> server.post(MAPS, large).code() == 422);
        create("");
        var check =
                "apiserver_validating_admission_policy_check_total{enforcement_action=\"%s\",error_type=\"no_error\","
                        + "policy=\"small\",policy_binding=\"here\"} 1\n";
        assertThat(metrics()).contains(check.formatted("deny")).contains(check.formatted("allow"));
    }

    @Test
    void tellsOfTheStore() {
        create("");
        var labels = "\\{group=\"\",operation=\"create\",resource=\"configmaps\"} [1-9]";
        assertThat(metrics())
                .containsPattern("etcd_requests_total" + labels)
                .containsPattern("etcd_request_duration_seconds_count" + labels);
    }

    /** Prometheus refuses a page on which one line is malformed or one metric is described twice. */
    @Test
    void isWellFormed() {
        server.get("/api/v1/namespaces/a%22b%5Cc%0Ad/pods");
        var lines = Arrays.asList(metrics().split("\n"));
        assertThat(lines)
                .allMatch(
                        l -> l.matches(
                                "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{([a-z_]+=\"([^\"\\\\\n]|\\\\[\"\\\\n])*\",?)*})? -?[0-9.E+-]+"));
        assertThat(lines.stream().filter(l -> l.startsWith("# TYPE"))).doesNotHaveDuplicates();
    }
}
