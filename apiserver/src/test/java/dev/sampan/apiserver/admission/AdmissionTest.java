package dev.sampan.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.schema.codec.Yaml;
import dev.sampan.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Admission, authentication and authorization as a client sees them, through a whole server over the memory store. */
class AdmissionTest {

    private static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", UserInfo.MASTERS);

    @TempDir
    Path temp;

    private ApiServer server;

    @BeforeEach
    void start() {
        server = new ApiServer(ApiServerConfig.defaults(temp.resolve("pki")).withPort(0), new MemoryStore());
        ok(post("/api/v1/namespaces", "metadata: {name: team}"));
        ok(post("/api/v1/namespaces/team/serviceaccounts", "metadata: {name: default}"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPodGetsTokenVolumeTolerationsAndPriority() {
        var pod = ok(post("/api/v1/namespaces/team/pods", POD));
        var spec = pod.path("spec");
        assertThat(spec.path("serviceAccountName").asString("")).isEqualTo("default");
        var volume = spec.path("volumes").path(0);
        assertThat(volume.path("name").asString("")).startsWith("kube-api-access-");
        assertThat(volume.path("projected").path("sources").toString())
                .isEqualTo("[{\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":\"token\"}},"
                        + "{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}]}},"
                        + "{\"downwardAPI\":{\"items\":[{\"path\":\"namespace\",\"fieldRef\":{\"apiVersion\":\"v1\","
                        + "\"fieldPath\":\"metadata.namespace\"}}]}}]");
        var mount = spec.path("containers").path(0).path("volumeMounts").path(0);
        assertThat(mount.path("mountPath").asString("")).isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount");
        assertThat(mount.path("name")).isEqualTo(volume.path("name"));
        assertThat(spec.path("tolerations").size()).isEqualTo(2);
        assertThat(spec.path("priority").asInt(-1)).isZero();
        assertThat(spec.path("preemptionPolicy").asString("")).isEqualTo("PreemptLowerPriority");
        assertThat(pod.path("status").path("qosClass").asString("")).isEqualTo("BestEffort");
    }

    @Test
    void noTokenWhenThePodSaysSo() {
        var pod = ok(post("/api/v1/namespaces/team/pods", POD + "  automountServiceAccountToken: false\n"));
        assertThat(pod.path("spec").has("volumes")).isFalse();
    }

    @Test
    void aMissingAccountIsNamed() {
        var answer = post("/api/v1/namespaces/team/pods", POD + "  serviceAccountName: nobody\n");
        assertThat(answer.path("message").asString(""))
                .isEqualTo("pods \"web\" is forbidden: error looking up service account team/nobody: serviceaccount"
                        + " \"nobody\" not found");
        assertThat(answer.path("code").asInt(0)).isEqualTo(403);
    }

    @Test
    void namespacesThatDoNotExistOrEnd() {
        var missing = post("/api/v1/namespaces/nowhere/configmaps", "metadata: {name: c}");
        assertThat(missing.path("message").asString("")).isEqualTo("namespaces \"nowhere\" not found");
        var ending = call("DELETE", "/api/v1/namespaces/team", "");
        assertThat(ending.path("status").path("phase").asString("")).isEqualTo("Terminating");
        var late = post("/api/v1/namespaces/team/configmaps", "metadata: {name: c}");
        assertThat(late.path("message").asString(""))
                .isEqualTo("configmaps \"c\" is forbidden: unable to create new content in namespace team because it is"
                        + " being terminated");
        assertThat(late.path("details").path("causes").path(0).path("reason").asString(""))
                .isEqualTo("NamespaceTerminating");
        var kept = call("DELETE", "/api/v1/namespaces/kube-system", "");
        assertThat(kept.path("message").asString(""))
                .isEqualTo("namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
        var finalized = call("GET", "/api/v1/namespaces/team", "")
                .toString()
                .replace("\"finalizers\":[\"kubernetes\"]", "\"finalizers\":[]");
        call("PUT", "/api/v1/namespaces/team/finalize", finalized);
        assertThat(call("GET", "/api/v1/namespaces/team", "").path("code").asInt(0))
                .isEqualTo(404);
    }

    @Test
    void priorityClasses() {
        ok(post(
                "/apis/scheduling.k8s.io/v1/priorityclasses",
                "metadata: {name: high}\nvalue: 1000\nglobalDefault: true"));
        assertThat(ok(post("/api/v1/namespaces/team/pods", POD))
                        .path("spec")
                        .path("priority")
                        .asInt(0))
                .isEqualTo(1000);
        var unknown = post("/api/v1/namespaces/team/pods", POD + "  priorityClassName: low\n");
        assertThat(unknown.path("message").asString(""))
                .isEqualTo("pods \"web\" is forbidden: no PriorityClass with name low was found");
        var second = post(
                "/apis/scheduling.k8s.io/v1/priorityclasses", "metadata: {name: other}\nvalue: 1\nglobalDefault: true");
        assertThat(second.path("message").asString("")).contains("PriorityClass high is already marked as default");
    }

    @Test
    void limitRanges() {
        ok(post("/api/v1/namespaces/team/limitranges", """
            metadata: {name: l}
            spec:
              limits:
              - {type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m}, max: {cpu: "1"}}
            """));
        var pod = ok(post("/api/v1/namespaces/team/pods", POD));
        assertThat(pod.path("spec").path("containers").path(0).path("resources").toString())
                .isEqualTo("{\"requests\":{\"cpu\":\"100m\"},\"limits\":{\"cpu\":\"500m\"}}");
        var big = post("/api/v1/namespaces/team/pods", """
            metadata: {name: big}
            spec: {containers: [{name: a, image: x, resources: {limits: {cpu: "2"}}}]}
            """);
        assertThat(big.path("message").asString(""))
                .isEqualTo(
                        "pods \"big\" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum cpu"
                                + " usage per Container is 1, but request is 2]");
    }

    @Test
    void quotas() {
        ok(post(
                "/api/v1/namespaces/team/resourcequotas",
                "metadata: {name: q}\nspec: {hard: {pods: 1, requests.cpu: 1}}"));
        assertThat(post("/api/v1/namespaces/team/pods", POD).path("message").asString(""))
                .isEqualTo("pods \"web\" is forbidden: failed quota: q: must specify requests.cpu for: web");
        var sized = POD.replace("image: x", "image: x, resources: {requests: {cpu: 600m}}");
        ok(post("/api/v1/namespaces/team/pods", sized));
        assertThat(post("/api/v1/namespaces/team/pods", sized.replace("name: web}", "name: two}"))
                        .path("message")
                        .asString(""))
                .isEqualTo("pods \"two\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used:"
                        + " pods=1,requests.cpu=600m, limited: pods=1,requests.cpu=1");
    }

    /** What kubectl shows as used. */
    private String used(String quota) {
        var used = call("GET", "/api/v1/namespaces/team/resourcequotas/" + quota, "")
                .path("status")
                .path("used");
        return used.toString().replace("\"", "");
    }

    @Test
    void quotasAreCountedAnewWhenSomethingGoes() {
        ok(post("/api/v1/namespaces/team/configmaps", "metadata: {name: before}"));
        ok(post(
                "/api/v1/namespaces/team/resourcequotas",
                "metadata: {name: q}\nspec: {hard: {configmaps: 2, count/deployments.apps: 1, requests.storage: 1Gi,"
                        + " fast.storageclass.storage.k8s.io/persistentvolumeclaims: 5, services.nodeports: 2}}"));
        await().untilAsserted(() -> assertThat(used("q"))
                .isEqualTo("{configmaps:1,count/deployments.apps:0,"
                        + "fast.storageclass.storage.k8s.io/persistentvolumeclaims:0,requests.storage:0,"
                        + "services.nodeports:0}"));
        ok(post("/api/v1/namespaces/team/configmaps", "metadata: {name: two}"));
        assertThat(post("/api/v1/namespaces/team/configmaps", "metadata: {name: three}")
                        .path("message")
                        .asString(""))
                .isEqualTo("configmaps \"three\" is forbidden: exceeded quota: q, requested: configmaps=1, used:"
                        + " configmaps=2, limited: configmaps=2");
        ok(call("DELETE", "/api/v1/namespaces/team/configmaps/two", ""));
        await().untilAsserted(() -> assertThat(used("q")).startsWith("{configmaps:1"));
        ok(post("/api/v1/namespaces/team/configmaps", "metadata: {name: three}"));
        ok(post(
                "/api/v1/namespaces/team/persistentvolumeclaims",
                "metadata: {name: c}\nspec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests:"
                        + " {storage: 600Mi}}}"));
        ok(post(
                "/api/v1/namespaces/team/services",
                "metadata: {name: s}\nspec: {type: NodePort, ports: [{port: 80}]}"));
        assertThat(used("q")).contains("persistentvolumeclaims:1", "requests.storage:600Mi", "services.nodeports:1");
    }

    @Test
    void scopesChooseThePodsThatAreCounted() {
        ok(post(
                "/api/v1/namespaces/team/resourcequotas",
                "metadata: {name: best}\nspec: {hard: {pods: 5}, scopes: [BestEffort]}"));
        ok(post(
                "/api/v1/namespaces/team/resourcequotas",
                "metadata: {name: sized}\nspec: {hard: {pods: 5, cpu: 2}, scopes: [NotBestEffort]}"));
        ok(post("/api/v1/namespaces/team/pods", POD));
        ok(post(
                "/api/v1/namespaces/team/pods",
                POD.replace("image: x", "image: x, resources: {requests: {cpu: 600m}}")
                        .replace("name: web}", "name: two}")));
        assertThat(used("best")).isEqualTo("{pods:1}");
        assertThat(used("sized")).isEqualTo("{cpu:600m,pods:1}");
    }

    @Test
    void manyAtOnceNeverExceedAQuota() throws Exception {
        ok(post("/api/v1/namespaces/team/resourcequotas", "metadata: {name: q}\nspec: {hard: {configmaps: 20}}"));
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var requests = IntStream.range(0, 60)
                    .mapToObj(i -> threads.submit(() -> {
                        post("/api/v1/namespaces/team/configmaps", "metadata: {name: c" + i + "}");
                        return call("DELETE", "/api/v1/namespaces/team/configmaps/nothing", "");
                    }))
                    .toList();
            for (var request : requests) {
                request.get();
            }
        }
        var there = call("GET", "/api/v1/namespaces/team/configmaps", "")
                .path("items")
                .size();
        assertThat(there).isEqualTo(20);
        assertThat(used("q")).isEqualTo("{configmaps:20}");
    }

    @Test
    void podSecurity() {
        ok(post(
                "/api/v1/namespaces",
                "metadata: {name: safe, labels: {pod-security.kubernetes.io/enforce: restricted}}"));
        ok(post("/api/v1/namespaces/safe/serviceaccounts", "metadata: {name: default}"));
        assertThat(post("/api/v1/namespaces/safe/pods", POD).path("message").asString(""))
                .isEqualTo("pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\":"
                        + " allowPrivilegeEscalation != false (container \"web\" must set"
                        + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container"
                        + " \"web\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or"
                        + " container \"web\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or"
                        + " container \"web\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                        + " \"Localhost\")");
        ok(post("/api/v1/namespaces/safe/pods", """
            metadata: {name: web}
            spec:
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              containers:
              - {name: web, image: x, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
            """));
    }

    @Test
    void aServiceAccountUsesItsToken() {
        var token = ok(post("/api/v1/namespaces/team/serviceaccounts/default/token", "spec: {}"))
                .path("status")
                .path("token")
                .asString("");
        var refused = bearer(token, "GET", "/api/v1/namespaces/team/pods");
        assertThat(refused.path("message").asString(""))
                .isEqualTo(
                        "pods is forbidden: User \"system:serviceaccount:team:default\" cannot list resource \"pods\""
                                + " in API group \"\" in the namespace \"team\"");
        ok(post("/apis/rbac.authorization.k8s.io/v1/namespaces/team/rolebindings", """
            metadata: {name: viewers}
            roleRef: {kind: ClusterRole, name: view}
            subjects: [{kind: ServiceAccount, name: default}]
            """));
        await().untilAsserted(() -> assertThat(bearer(token, "GET", "/api/v1/namespaces/team/pods")
                        .path("kind")
                        .asString(""))
                .isEqualTo("PodList"));
        assertThat(bearer("x" + token, "GET", "/api").path("code").asInt(0)).isEqualTo(401);
    }

    @Test
    void nobodyGrantsWhatTheyDoNotHold() {
        ok(post("/apis/rbac.authorization.k8s.io/v1/namespaces/team/rolebindings", """
            metadata: {name: owners}
            roleRef: {kind: ClusterRole, name: admin}
            subjects: [{kind: User, name: olga}]
            """));
        var olga = UserInfo.of("olga");
        await().untilAsserted(() -> {
            var answer = as(olga, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/team/roles", """
                metadata: {name: r}
                rules: [{apiGroups: [""], resources: [pods, nodes], verbs: [get, list]}]
                """);
            assertThat(answer.path("message").asString(""))
                    .isEqualTo("roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"olga\""
                            + " (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently"
                            + " held:\n{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\" \"list\"]}");
        });
    }

    @Test
    void aPodIsBoundOnce() {
        ok(post("/api/v1/namespaces/team/pods", POD));
        var binding = "apiVersion: v1\nkind: Binding\nmetadata: {name: web}\ntarget: {kind: Node, name: one}";
        assertThat(ok(post("/api/v1/namespaces/team/pods/web/binding", binding))
                        .path("code")
                        .asInt(0))
                .isEqualTo(201);
        var pod = call("GET", "/api/v1/namespaces/team/pods/web", "");
        assertThat(pod.path("spec").path("nodeName").asString("")).isEqualTo("one");
        assertThat(pod.path("status").path("conditions").path(0).path("status").asString(""))
                .isEqualTo("True");
        assertThat(post("/api/v1/namespaces/team/bindings", binding.replace("one", "two"))
                        .path("message")
                        .asString(""))
                .isEqualTo("Operation cannot be fulfilled on pods/binding \"web\": pod web is already assigned to node"
                        + " \"one\"");
    }

    @Test
    void evictionSpendsTheBudget() {
        for (var name : List.of("a", "b")) {
            ok(post(
                    "/api/v1/namespaces/team/pods",
                    POD.replace("name: web}\nspec", "name: " + name + ", labels: {app: web}}\nspec")));
            var running = call("GET", "/api/v1/namespaces/team/pods/" + name, "")
                    .toString()
                    .replace(
                            "\"phase\":\"Pending\"",
                            "\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]");
            ok(call("PUT", "/api/v1/namespaces/team/pods/" + name + "/status", running));
        }
        ok(post("/apis/policy/v1/namespaces/team/poddisruptionbudgets", """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: web}
            spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            """));
        var eviction = "apiVersion: policy/v1\nkind: Eviction\nmetadata: {name: %s}";
        var early = post("/api/v1/namespaces/team/pods/a/eviction", eviction.formatted("a"));
        assertThat(early.path("code").asInt(0)).isEqualTo(429);
        assertThat(early.path("details").path("causes").path(0).path("message").asString(""))
                .isEqualTo("The disruption budget web is still being processed by the server.");
        var budget = call("GET", "/apis/policy/v1/namespaces/team/poddisruptionbudgets/web", "")
                .toString();
        ok(call(
                "PUT",
                "/apis/policy/v1/namespaces/team/poddisruptionbudgets/web/status",
                budget.substring(0, budget.indexOf("\"status\":{"))
                        + "\"status\":{\"observedGeneration\":1,\"disruptionsAllowed\":1,\"currentHealthy\":2,"
                        + "\"desiredHealthy\":1,\"expectedPods\":2}}"));
        ok(post("/api/v1/namespaces/team/pods/a/eviction", eviction.formatted("a")));
        assertThat(call("GET", "/api/v1/namespaces/team/pods/a", "")
                        .path("code")
                        .asInt(0))
                .isEqualTo(404);
        var second = post("/api/v1/namespaces/team/pods/b/eviction", eviction.formatted("b"));
        assertThat(second.path("message").asString(""))
                .isEqualTo("Cannot evict pod as it would violate the pod's disruption budget.");
        assertThat(second.path("details").path("causes").path(0).path("message").asString(""))
                .isEqualTo("The disruption budget web needs 1 healthy pods and has 2 currently");
    }

    @Test
    void reviews() {
        var can = ok(post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """
            spec: {resourceAttributes: {verb: create, group: apps, resource: deployments, namespace: team}}
            """));
        assertThat(can.path("status").path("allowed").asBoolean()).isTrue();
        var other = ok(post("/apis/authorization.k8s.io/v1/subjectaccessreviews", """
            spec: {user: eve, resourceAttributes: {verb: create, group: apps, resource: deployments}}
            """));
        assertThat(other.path("status").path("allowed").asBoolean()).isFalse();
        var me = ok(post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}"));
        assertThat(me.path("status").path("userInfo").path("username").asString(""))
                .isEqualTo("kubernetes-admin");
        var rules = ok(post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "spec: {namespace: team}"));
        assertThat(rules.path("status").path("resourceRules").toString()).contains("\"*\"");
    }

    @Test
    void theApiIsAServiceOfItself() {
        server.start();
        assertThat(call("GET", "/api/v1/namespaces/default/services/kubernetes", "")
                        .path("spec")
                        .path("clusterIP")
                        .asString(""))
                .isEqualTo("127.96.0.1");
        assertThat(call("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes", "")
                        .path("ports")
                        .path(0)
                        .path("port")
                        .asInt(0))
                .isEqualTo(server.uri().getPort());
    }

    private static final String POD = """
            metadata: {name: web}
            spec:
              containers: [{name: web, image: x}]
            """;

    private JsonNode post(String path, String yaml) {
        return call("POST", path, yaml);
    }

    private JsonNode call(String method, String path, String yaml) {
        return as(ADMIN, method, path, yaml);
    }

    private JsonNode as(UserInfo user, String method, String path, String yaml) {
        var request = ApiRequest.of(user, method, path);
        return send(yaml.isEmpty() ? request : request.withJson(typed(path, yaml)));
    }

    private JsonNode bearer(String token, String method, String path) {
        var request = ApiRequest.of(ADMIN, method, path);
        return send(new ApiRequest(
                method,
                request.path(),
                Map.of(),
                Map.of("authorization", List.of("Bearer " + token)),
                new byte[0],
                null,
                null,
                ""));
    }

    private JsonNode send(ApiRequest request) {
        var answer = (ApiResponse.Complete) server.handle(request);
        return JsonMapper.shared().readTree(answer.body());
    }

    /** Adds the kind that a path's objects have. */
    private static String typed(String path, String yaml) {
        var tree = (tools.jackson.databind.node.ObjectNode)
                Yaml.read(yaml.getBytes(StandardCharsets.UTF_8)).tree();
        if (!tree.has("kind")) {
            var parts = path.substring(1).split("/");
            var version = parts[0].equals("api") ? "v1" : parts[1] + "/" + parts[2];
            var plural = parts[parts.length - 1];
            tree.put("apiVersion", version).put("kind", KINDS.getOrDefault(plural, "?"));
            if (plural.equals("token")) {
                tree.put("apiVersion", "authentication.k8s.io/v1");
            }
        }
        return tree.toString();
    }

    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("namespaces", "Namespace"),
            Map.entry("serviceaccounts", "ServiceAccount"),
            Map.entry("token", "TokenRequest"),
            Map.entry("pods", "Pod"),
            Map.entry("persistentvolumeclaims", "PersistentVolumeClaim"),
            Map.entry("services", "Service"),
            Map.entry("configmaps", "ConfigMap"),
            Map.entry("limitranges", "LimitRange"),
            Map.entry("resourcequotas", "ResourceQuota"),
            Map.entry("priorityclasses", "PriorityClass"),
            Map.entry("roles", "Role"),
            Map.entry("rolebindings", "RoleBinding"),
            Map.entry("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
            Map.entry("subjectaccessreviews", "SubjectAccessReview"),
            Map.entry("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
            Map.entry("selfsubjectreviews", "SelfSubjectReview"));

    private static JsonNode ok(JsonNode answer) {
        assertThat(answer.path("status").asString("")).as(answer.toString()).isNotEqualTo("Failure");
        return answer;
    }
}
