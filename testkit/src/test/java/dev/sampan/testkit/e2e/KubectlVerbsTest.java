package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The verbs that {@link KubectlTest}'s scenarios leave out, with every kubectl that is there, against one cluster. */
@SampanCluster
class KubectlVerbsTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SLEEP = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

    @TempDir
    Path folder;

    private final TestCluster cluster;
    private Kubectl kubectl;
    private String namespace = "";

    KubectlVerbsTest(TestCluster cluster) {
        this.cluster = cluster;
        this.kubectl = Kubectl.of(Path.of("kubectl"), cluster.kubeconfig());
    }

    static List<Path> versions() {
        var found = Kubectl.find("1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33");
        return found.isEmpty() ? List.of(Path.of("kubectl")) : found;
    }

    @BeforeEach
    void needsKubectl() {
        assumeThat(Kubectl.find()).as("kubectl on the PATH").isNotEmpty();
    }

    private void begin(Path binary, String scenario) {
        namespace = scenario + "-" + binary.getFileName().toString().replace('.', '-');
        var anywhere = Kubectl.of(binary, cluster.kubeconfig());
        anywhere.run("create", "namespace", namespace).orThrow();
        kubectl = anywhere.inNamespace(namespace);
    }

    private String ok(String... arguments) {
        return kubectl.run(arguments).orThrow();
    }

    private String path(String expression, String object) {
        return ok("get", object, "-o", "jsonpath=" + expression);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void createsEveryKindThatItGenerates(Path binary) throws IOException {
        begin(binary, "create");
        var file = file("file.txt", "text").toString();
        var values = file("values.env", "A=1\nB=2\n").toString();
        ok("create", "configmap", "files", "--from-file=" + file);
        ok("create", "configmap", "values", "--from-env-file=" + values);
        assertThat(path("{.data}", "cm/values")).isEqualTo("{\"A\":\"1\",\"B\":\"2\"}");
        ok(
                "create",
                "secret",
                "docker-registry",
                "pull",
                "--docker-server=x",
                "--docker-username=u",
                "--docker-password=p");
        assertThat(path("{.type}", "secret/pull")).isEqualTo("kubernetes.io/dockerconfigjson");
        ok("create", "clusterrole", namespace, "--verb=get", "--non-resource-url=/logs");
        ok("create", "clusterrole", namespace + "-sum", "--aggregation-rule=sums=" + namespace);
        ok("create", "clusterrolebinding", namespace, "--clusterrole=" + namespace, "--user=bob", "--group=g");
        ok("create", "rolebinding", "local", "--clusterrole=view", "--user=bob");
        ok("set", "subject", "rolebinding", "local", "--group=team");
        assertThat(path("{.subjects[*].name}", "rolebinding/local")).isEqualTo("bob team");
        ok("create", "priorityclass", namespace, "--value=7", "--description=seven");
        assertThat(ok("describe", "priorityclass", namespace)).containsPattern("Value: +7");
        ok("create", "service", "clusterip", "ip", "--tcp=80:8080");
        ok("create", "service", "loadbalancer", "balanced", "--tcp=80:8080");
        ok("create", "service", "externalname", "outside", "--external-name=example.com");
        ok("set", "selector", "service", "ip", "app=other");
        assertThat(ok("get", "services", "-o", "wide"))
                .containsPattern("ip +ClusterIP .* app=other")
                .containsPattern("balanced +LoadBalancer")
                .containsPattern("outside +ExternalName +<none> +example.com");
        ok("delete", "clusterrole,clusterrolebinding,priorityclass", namespace, "--ignore-not-found");
        ok("delete", "clusterrole", namespace + "-sum");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void signsCertificatesAndReconcilesRights(Path binary) throws Exception {
        begin(binary, "identity");
        var request = certificateRequest("bob");
        for (var name : List.of(namespace, namespace + "-not")) {
            var csr = """
                    apiVersion: certificates.k8s.io/v1
                    kind: CertificateSigningRequest
                    metadata: {name: %s}
                    spec: {request: %s, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
                    """.formatted(name, request);
            assertThat(kubectl.runWithInput(csr, "apply", "-f", "-").orThrow()).contains("created");
        }
        assertThat(ok("certificate", "approve", namespace)).contains("approved");
        assertThat(ok("certificate", "deny", namespace + "-not")).contains("denied");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ok("get", "csr"))
                        .containsPattern(namespace + " .*Approved,Issued")
                        .containsPattern(namespace + "-not .*Denied"));
        assertThat(ok("describe", "csr", namespace)).containsPattern("Common Name: +bob");
        ok("delete", "csr", namespace, namespace + "-not");
        var role = """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: reader, namespace: %s}
                rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
                """.formatted(namespace);
        assertThat(ok("auth", "reconcile", "-f", file("role.yaml", role).toString()))
                .contains("reconciled");
        assertThat(path("{.rules[0].verbs}", "role/reader")).isEqualTo("[\"get\"]");
        if (!binary.endsWith("kubectl.1.27")) { // has it in alpha only
            assertThat(ok("auth", "whoami")).containsPattern("Username +kubernetes-admin");
        }
    }

    private String certificateRequest(String name) throws Exception {
        var file = folder.resolve("request.pem");
        var key = folder.resolve("key.pem");
        var made = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-new",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-keyout",
                        key.toString(),
                        "-subj",
                        "/CN=" + name,
                        "-out",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assumeThat(made.waitFor()).as("openssl makes a request").isZero();
        return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void debugsAndMeasuresPods(Path binary) {
        begin(binary, "debug");
        await().atMost(SOON)
                .until(() -> kubectl.run("get", "serviceaccount", "default").exitCode() == 0);
        ok("run", "p", "--image=busybox", "--restart=Never", "--", "sh", "-c", SLEEP);
        ok("wait", "pod/p", "--for=condition=Ready", "--timeout=60s");
        ok("debug", "p", "--image=busybox", "--container=look", "--", "echo", "looked");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(
                                path("{.status.ephemeralContainerStatuses[0].state.terminated.reason}", "pod/p"))
                        .isEqualTo("Completed"));
        assertThat(ok("logs", "p", "-c", "look")).isEqualTo("looked\n");
        assertThat(ok("describe", "pod", "p")).contains("Ephemeral Containers:", "look:");
        assertThat(path("{.status.phase}", "pod/p")).isEqualTo("Running");
        ok("debug", "p", "--copy-to=copy", "--container=p", "--image=busybox", "--", "echo", "copied");
        await().atMost(SOON).untilAsserted(() -> assertThat(ok("logs", "copy")).isEqualTo("copied\n"));
        assertThat(ok("top", "pod", "p", "--containers")).containsPattern("p +p +[0-9]+m +[0-9]+Mi");
        assertThat(ok("top", "node")).containsPattern("sampan +[0-9]+m +[0-9]+% +[0-9]+Mi +[0-9]+%");
        for (int i = 0; i < 3; i++) {
            assertThat(ok("run", "quick", "-i", "--rm", "--restart=Never", "--image=busybox", "--", "echo", "said"))
                    .contains("said\n", "\"quick\" deleted");
        }
        ok("delete", "pod", "p", "copy", "--now");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void patchesPartsAndTellsOfItself(Path binary) throws IOException {
        begin(binary, "parts");
        ok("create", "deployment", "web", "--image=busybox", "--replicas=0", "--", "sleep", "1");
        ok("patch", "deployment", "web", "--subresource=scale", "--type=merge", "-p", "{\"spec\":{\"replicas\":1}}");
        assertThat(path("{.spec.replicas}", "deployment/web")).isEqualTo("1");
        assertThat(ok("get", "deployment", "web", "--subresource=scale", "-o", "jsonpath={.kind}"))
                .isEqualTo("Scale");
        ok("patch", "namespace", namespace, "--subresource=status", "--type=json", "-p", "[]");
        ok("create", "serviceaccount", "bot");
        ok("set", "serviceaccount", "deployment", "web", "bot");
        assertThat(path("{.spec.template.spec.serviceAccountName}", "deployment/web"))
                .isEqualTo("bot");
        assertThat(ok("get", "deployments", "--chunk-size=1", "--server-print=false"))
                .contains("web");
        assertThat(complete(binary, "get", "deployments", "--namespace=" + namespace, ""))
                .contains("web\n");
        assertThat(complete(binary, "describe", "deplo")).contains("deployments.apps");
        assertThat(ok("explain", "pod.spec.nodeName", "--output=plaintext-openapiv2"))
                .contains("FIELD:    nodeName");
        assertThat(ok("cluster-info", "dump", "--namespaces=" + namespace))
                .contains("\"kind\": \"NodeList\"", "\"web\"");
        ok("delete", "deployment", "web", "--cascade=foreground");
        assertThat(ok("get", "deployments,replicasets", "-o", "name")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void printsByTemplatesAndPaths(Path binary) throws IOException {
        begin(binary, "print");
        ok("create", "configmap", "m", "--from-literal=a=1");
        var template = file("m.tpl", "{{.data.a}};").toString();
        assertThat(ok("get", "cm/m", "-o", "template={{.data.a}}")).isEqualTo("1");
        assertThat(ok("get", "cm/m", "-o", "templatefile=" + template)).isEqualTo("1;");
        assertThat(ok("get", "cm/m", "-o", "go-template-file=" + template)).isEqualTo("1;");
        assertThat(ok("get", "cm/m", "-o", "jsonpath-as-json={.data}").replaceAll("\\s", ""))
                .isEqualTo("[{\"a\":\"1\"}]");
        var path = file("m.path", "{.data.a}").toString();
        assertThat(ok("get", "cm/m", "-o", "jsonpath-file=" + path)).isEqualTo("1");
        var columns = file("m.columns", "A\n.data.a\n").toString();
        assertThat(ok("get", "cm/m", "-o", "custom-columns-file=" + columns)).isEqualTo("A\n1\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void rendersAndProxies(Path binary) throws IOException {
        begin(binary, "render");
        file("kustomization.yaml", "configMapGenerator: [{name: made, literals: [x=y]}]\n");
        assertThat(ok("kustomize", folder.toString())).containsPattern("name: made-[a-z0-9]+");
        var process = kubectl.start("proxy", "--port=0");
        try (var said = process.inputReader()) {
            var address = said.readLine().replaceFirst("^Starting to serve on ", "http://");
            var url = java.net.URI.create(address + "/api/v1/namespaces/" + namespace);
            try (var answer = url.toURL().openStream()) {
                assertThat(answer)
                        .asString(java.nio.charset.StandardCharsets.UTF_8)
                        .contains("\"kind\":\"Namespace\"");
            }
        } finally {
            process.destroy();
        }
    }

    /** What the shell's completion asks for; the word to complete comes last. */
    private String complete(Path binary, String... words) throws IOException {
        var command = new ArrayList<>(List.of(binary.toString(), "__complete", "--kubeconfig=" + cluster.kubeconfig()));
        command.addAll(List.of(words));
        return Kubectl.finish(kubectl.start(command), new byte[0]).orThrow();
    }
}
