package dev.sampan.apiserver.webhook;

import static dev.sampan.apiserver.webhook.FakeWebhook.allowed;
import static dev.sampan.apiserver.webhook.FakeWebhook.patched;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.WholeServer.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks over real HTTPS. */
class WebhookTest {

    private static final String CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/";
    private static final String MAPS = "/api/v1/namespaces/team/configmaps";

    @TempDir
    private Path temp;

    private WholeServer server;
    private FakeWebhook hooks;
    private int made;

    @BeforeEach
    void start() throws Exception {
        server = new WholeServer(temp.resolve("a"));
        hooks = new FakeWebhook(temp.resolve("b"));
        server.namespace("team");
    }

    @AfterEach
    void stop() {
        server.close();
        hooks.close();
    }

    /** A webhook of ConfigMaps at a path of the fake. */
    private String hook(String name, String path, String more) {
        return hookAt(name, "url: '" + hooks.url(path) + "'", more);
    }

    private String hookAt(String name, String where, String more) {
        return """
                - name: %s.example.com
                  clientConfig: {%s, caBundle: %s}
                  rules: [{operations: ['*'], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}]
                  admissionReviewVersions: [v1]
                  sideEffects: None
                  %s
                """.formatted(name, where, hooks.bundle(), more);
    }

    private void configure(String kind, String name, String... webhooks) {
        var plural = kind.toLowerCase(java.util.Locale.ROOT) + "webhookconfigurations";
        server.post(
                        CONFIGURATIONS + plural,
                        "apiVersion: admissionregistration.k8s.io/v1\nkind: %sWebhookConfiguration\nmetadata: {name: %s}\n"
                                        .formatted(kind, name)
                                + "webhooks:\n" + String.join("", webhooks))
                .ok();
        // Configurations take effect a moment after they are stored: so has the last one when this one has.
        await().until(this::seen);
    }

    private boolean seen() {
        hooks.forgetCalls();
        map("{}");
        return !hooks.calls().isEmpty();
    }

    private Answer map(String data) {
        return server.post(
                MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m%d}\ndata: %s".formatted(made++, data));
    }

    @Test
    void aValidatingWebhookRefusesWarnsAndSeesEverything() {
        hooks.answer("/v", r -> {
            var bad = r.path("object").path("data").has("bad");
            var response = allowed(!bad);
            response.putArray("warnings").add("look out");
            if (bad) {
                response.putObject("status").put("code", 409).put("message", "bad data");
            }
            return response;
        });
        configure("Validating", "v", hook("v", "/v", ""));
        assertThat(map("{}").ok().header("warning")).containsExactly("299 - \"look out\"");
        var request = hooks.request("/v");
        assertThat(request.path("operation").asString()).isEqualTo("CREATE");
        assertThat(request.path("userInfo").path("username").asString()).isEqualTo("kubernetes-admin");
        assertThat(request.path("kind").path("kind").asString()).isEqualTo("ConfigMap");
        assertThat(request.path("namespace").asString()).isEqualTo("team");
        assertThat(request.path("oldObject").isNull()).isTrue();
        assertThat(map("{bad: x}").refused(409).message())
                .isEqualTo("admission webhook \"v.example.com\" denied the request: bad data");
        server.delete(MAPS + "/m0").ok();
        assertThat(hooks.request("/v").path("operation").asString()).isEqualTo("DELETE");
        assertThat(hooks.request("/v")
                        .path("oldObject")
                        .path("metadata")
                        .path("name")
                        .asString())
                .isEqualTo("m0");
    }

    @Test
    void mutationsRunInOrderAndAgain() {
        hooks.answer(
                "/a",
                r -> patched("[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"a\":\"%s\"}}]"
                        .formatted(r.path("object").path("data").path("b").asString("none"))));
        hooks.answer("/b", r -> patched("[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"b\":\"set\"}}]"));
        configure("Mutating", "m", hook("a", "/a", "reinvocationPolicy: IfNeeded"), hook("b", "/b", ""));
        hooks.forgetCalls();
        var created = map("{x: z}").ok();
        assertThat(hooks.calls()).containsExactly("/a", "/b", "/a");
        assertThat(created.at("metadata.labels.a")).isEqualTo("set");
        assertThat(created.at("data.b")).isEqualTo("set");
    }

    @Test
    void failuresGoByTheFailurePolicy() {
        hooks.raw("/broken", 500, r -> "out of order");
        configure("Validating", "v", hook("v", "/broken", ""));
        assertThat(map("{}").refused(500).message())
                .isEqualTo(
                        "Internal error occurred: failed calling webhook \"v.example.com\": failed to call webhook: an"
                                + " error on the server (\"out of order\") has prevented the request from succeeding");
        server.patch(
                        CONFIGURATIONS + "validatingwebhookconfigurations/v",
                        "webhooks:\n" + hook("v", "/broken", "failurePolicy: Ignore"))
                .ok();
        await().until(() -> map("{}").code() == 201);
    }

    @Test
    void anAnswerHasToFitItsQuestion() {
        hooks.raw(
                "/uid",
                200,
                r -> "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":"
                        + "{\"uid\":\"x\",\"allowed\":true}}");
        configure("Validating", "v", hook("v", "/uid", ""));
        assertThat(map("{}").refused(500).message())
                .contains("received invalid webhook response: expected response.uid=\"")
                .endsWith("\", got \"x\"");
    }

    @Test
    void timeoutsAndStrangersAreNamed() throws Exception {
        var release = new java.util.concurrent.CountDownLatch(1);
        hooks.answer("/slow", r -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return allowed(true);
        });
        configure("Validating", "v", hook("v", "/slow", "timeoutSeconds: 1"));
        assertThat(map("{}").refused(500).message())
                .isEqualTo("Internal error occurred: failed calling webhook \"v.example.com\": failed to call webhook:"
                        + " Post \"" + hooks.url("/slow") + "?timeout=1s\": context deadline exceeded");
        release.countDown();
        try (var stranger = new FakeWebhook(temp.resolve("c"))) {
            server.patch(
                            CONFIGURATIONS + "validatingwebhookconfigurations/v",
                            "webhooks:\n" + hookAt("v", "url: '" + stranger.url("/x") + "'", ""))
                    .ok();
            await().untilAsserted(
                            () -> assertThat(map("{}").refused(500).message()).contains("PKIX path validation failed"));
            assertThat(stranger.calls()).isEmpty();
        }
    }

    @Test
    void servicesSelectorsAndConditions() {
        server.namespace("free");
        server.post(
                        "/api/v1/namespaces/team/services",
                        "apiVersion: v1\nkind: Service\nmetadata: {name: hooks}\nspec: {ports: [{port: 443}]}")
                .ok();
        server.post("/apis/discovery.k8s.io/v1/namespaces/team/endpointslices", """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: hooks-1, labels: {kubernetes.io/service-name: hooks}}
                addressType: IPv4
                endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
                ports: [{name: '', port: %d}]
                """.formatted(hooks.port()))
                .ok();
        hooks.answer("/s", r -> allowed(false));
        configure("Validating", "v", hookAt("v", "service: {name: hooks, namespace: team, path: /s}", """
                        namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: team}}
                          objectSelector: {matchExpressions: [{key: skip, operator: DoesNotExist}]}
                          matchConditions: [{name: c, expression: "!has(object.data) || !('skip' in object.data)"}]
                        """.strip()));
        assertThat(map("{}").refused(400).message())
                .isEqualTo("admission webhook \"v.example.com\" denied the request without explanation");
        map("{skip: x}").ok();
        server.post(MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: l, labels: {skip: x}}")
                .ok();
        server.post("/api/v1/namespaces/free/configmaps", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}")
                .ok();
    }

    @Test
    void objectsComeInTheVersionOfTheRule() {
        hooks.answer(
                "/hpa",
                r -> patched("[{\"op\":\"replace\",\"path\":\"/spec/targetCPUUtilizationPercentage\",\"value\":55}]"));
        server.post(
                        CONFIGURATIONS + "mutatingwebhookconfigurations",
                        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: h}\n"
                                + "webhooks:\n"
                                + hook("h", "/hpa", "")
                                        .replace("apiGroups: ['']", "apiGroups: [autoscaling]")
                                        .replace("resources: [configmaps]", "resources: [horizontalpodautoscalers]"))
                .ok();
        await().untilAsserted(() -> {
            var created = server.post(
                            "/apis/autoscaling/v2/namespaces/team/horizontalpodautoscalers", """
                    apiVersion: autoscaling/v2
                    kind: HorizontalPodAutoscaler
                    metadata: {name: h%d}
                    spec:
                      maxReplicas: 3
                      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                      metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
                    """.formatted(made++))
                    .ok();
            assertThat(created.at("spec.metrics.0.resource.target.averageUtilization"))
                    .isEqualTo("55");
        });
        var request = hooks.request("/hpa");
        assertThat(request.path("object").path("apiVersion").asString()).isEqualTo("autoscaling/v1");
        assertThat(request.path("kind").path("version").asString()).isEqualTo("v1");
        assertThat(request.path("requestKind").path("version").asString()).isEqualTo("v2");
    }

    @Test
    void dryRunsNeedAWebhookWithoutSideEffects() {
        hooks.answer("/d", r -> allowed(true));
        configure("Validating", "v", hook("v", "/d", ""));
        server.post(MAPS + "?dryRun=All", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dry}")
                .ok();
        assertThat(hooks.request("/d").path("dryRun").asBoolean()).isTrue();
        assertThat(server.get(MAPS + "/dry").code()).isEqualTo(404);
        var refused = server.post(
                        CONFIGURATIONS + "validatingwebhookconfigurations",
                        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\n"
                                + "webhooks:\n" + hook("w", "/d", "").replace("sideEffects: None", "sideEffects: Some"))
                .refused(422);
        assertThat(refused.message())
                .contains("webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\","
                        + " \"NoneOnDryRun\"");
    }
}
