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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people do with kubectl, with an old, a middle-aged and a new one. Each scenario has a namespace of its own. */
@SampanCluster
class KubectlTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SLEEP = "trap 'exit 0' TERM; echo started; while :; do sleep 0.2; done";

    @TempDir
    Path folder;

    private final TestCluster cluster;
    private Kubectl kubectl;

    KubectlTest(TestCluster cluster) {
        this.cluster = cluster;
        this.kubectl = Kubectl.of(Path.of("kubectl"), cluster.kubeconfig());
    }

    static List<Path> versions() {
        var found = Kubectl.find("1.27", "1.30", "1.33");
        return found.isEmpty() ? List.of(Path.of("kubectl")) : found;
    }

    @BeforeEach
    void needsKubectl() {
        assumeThat(Kubectl.find()).as("kubectl on the PATH").isNotEmpty();
    }

    /** Makes the scenario's namespace. */
    private String begin(Path binary, String scenario) {
        var namespace = scenario + "-" + binary.getFileName().toString().replace('.', '-');
        var all = Kubectl.of(binary, cluster.kubeconfig());
        all.run("create", "namespace", namespace).orThrow();
        kubectl = all.inNamespace(namespace);
        return namespace;
    }

    private String ok(String... arguments) {
        return kubectl.run(arguments).orThrow();
    }

    private String fails(String... arguments) {
        return kubectl.run(arguments).error();
    }

    private String path(String expression, String... object) {
        var arguments = new java.util.ArrayList<>(List.of("get"));
        arguments.addAll(List.of(object));
        arguments.addAll(List.of("-o", "jsonpath=" + expression));
        return ok(arguments.toArray(String[]::new));
    }

    private Path file(String name, String text) throws IOException {
        var path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    private static String configMap(String name, String value) {
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: %s
                  labels: {app: x}
                data: {a: '%s'}
                """.formatted(name, value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void rollsADeploymentOutAndBack(Path binary) {
        var namespace = begin(binary, "rollout");
        ok("create", "deployment", "web", "--image=busybox", "--replicas=2", "--", "sh", "-c", SLEEP);
        assertThat(ok("rollout", "status", "deployment/web", "--timeout=60s")).contains("successfully rolled out");
        assertThat(ok("scale", "deployment/web", "--replicas=3")).isEqualTo("deployment.apps/web scaled\n");
        ok("set", "image", "deployment/web", "busybox=alpine");
        ok("annotate", "deployment/web", "kubernetes.io/change-cause=to alpine");
        ok("rollout", "status", "deployment/web", "--timeout=60s");
        assertThat(path("{.items[*].spec.containers[0].image}", "pods", "--field-selector=status.phase=Running"))
                .contains("alpine");
        assertThat(ok("rollout", "history", "deployment/web"))
                .containsPattern("1 +<none>")
                .containsPattern("2 +to alpine");
        assertThat(ok("rollout", "history", "deployment/web", "--revision=2")).contains("alpine");
        assertThat(ok("rollout", "undo", "deployment/web")).isEqualTo("deployment.apps/web rolled back\n");
        ok("rollout", "status", "deployment/web", "--timeout=60s");
        assertThat(path("{.spec.template.spec.containers[0].image}", "deployment", "web"))
                .isEqualTo("busybox");
        assertThat(fails("rollout", "undo", "deployment/web", "--to-revision=99"))
                .contains("unable to find specified revision 99");
        ok("rollout", "pause", "deployment/web");
        ok("set", "env", "deployment/web", "STAGE=test");
        ok("set", "resources", "deployment/web", "--requests=cpu=1m,memory=16Mi");
        ok("rollout", "resume", "deployment/web");
        ok("rollout", "restart", "deployment/web");
        ok("rollout", "status", "deployment/web", "--timeout=60s");
        assertThat(path("{.metadata.annotations.deployment\\.kubernetes\\.io/revision}", "deployment", "web"))
                .isIn("4", "5");
        assertThat(ok("describe", "deployment", "web"))
                .contains("3 desired", "STAGE:", "ScalingReplicaSet", "NewReplicaSet:");
        ok("delete", "deployment", "web");
        ok("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=60s");
        assertThat(kubectl.run("get", "pods").err()).contains("No resources found in " + namespace);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void printsObjectsInEveryFormat(Path binary) {
        begin(binary, "formats");
        ok("create", "configmap", "settings", "--from-literal=a=1");
        ok("create", "deployment", "web", "--image=busybox", "--replicas=0", "--", "sleep", "1");
        assertThat(ok("get", "deployment", "web")).startsWith("NAME   READY   UP-TO-DATE   AVAILABLE   AGE\n");
        assertThat(ok("get", "deployment", "web", "-o", "wide"))
                .containsPattern("CONTAINERS +IMAGES +SELECTOR")
                .containsPattern("busybox +busybox +app=web");
        assertThat(ok("get", "deployment/web", "-o", "name")).isEqualTo("deployment.apps/web\n");
        assertThat(ok("get", "cm", "settings", "-o", "yaml"))
                .contains("apiVersion: v1\ndata:\n  a: \"1\"\nkind: ConfigMap");
        assertThat(ok("get", "cm", "settings", "-o", "json")).contains("\"kind\": \"ConfigMap\"");
        assertThat(path("{.data.a}", "cm", "settings")).isEqualTo("1");
        assertThat(ok("get", "cm", "settings", "-o", "custom-columns=NAME:.metadata.name,A:.data.a"))
                .isEqualTo("NAME       A\nsettings   1\n");
        assertThat(ok("get", "deploy", "-o", "go-template={{range .items}}{{.metadata.name}};{{end}}"))
                .isEqualTo("web;");
        assertThat(ok("get", "all", "--show-labels")).contains("deployment.apps/web", "app=web");
        assertThat(ok("get", "deploy", "-l", "app in (web),!other", "--no-headers"))
                .startsWith("web");
        assertThat(ok("get", "deploy", "-A", "--field-selector=metadata.name=web", "--sort-by=.metadata.name"))
                .contains("web");
        assertThat(ok("describe", "configmap", "settings")).contains("a:\n----\n1");
        assertThat(fails("get", "nosuch")).contains("the server doesn't have a resource type \"nosuch\"");
        assertThat(fails("get", "pod", "nosuch"))
                .isEqualTo("Error from server (NotFound): pods \"nosuch\" not found\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void changesObjectsInEveryWay(Path binary) throws IOException {
        begin(binary, "changes");
        var settings = file("all/settings.yaml", configMap("settings", "1")).toString();
        assertThat(ok("create", "-f", settings, "--save-config")).isEqualTo("configmap/settings created\n");
        assertThat(ok("apply", "-f", settings)).isEqualTo("configmap/settings unchanged\n");
        file("all/settings.yaml", configMap("settings", "2"));
        var diff = kubectl.run("diff", "-f", settings);
        assertThat(diff.exitCode()).isEqualTo(1);
        assertThat(diff.out()).contains("-  a: \"1\"", "+  a: \"2\"");
        assertThat(ok("apply", "-f", settings, "--dry-run=server")).contains("configured (server dry run)");
        assertThat(path("{.data.a}", "cm/settings")).isEqualTo("1");
        assertThat(ok("apply", "-f", settings)).isEqualTo("configmap/settings configured\n");
        ok("patch", "cm", "settings", "-p", "{\"data\":{\"b\":\"x\"}}");
        ok("patch", "cm", "settings", "--type=merge", "-p", "{\"data\":{\"a\":null}}");
        ok("patch", "cm", "settings", "--type=json", "-p", "[{\"op\":\"add\",\"path\":\"/data/c\",\"value\":\"z\"}]");
        assertThat(path("{.data}", "cm/settings")).isEqualTo("{\"b\":\"x\",\"c\":\"z\"}");
        assertThat(fails("patch", "cm", "settings", "--type=json", "-p", "[{\"op\":\"remove\",\"path\":\"/data/no\"}]"))
                .contains("remove");
        var editor = file("editor.sh", "#!/bin/sh\nsed -i 's/c: z/c: edited/' \"$1\"\n");
        Files.setPosixFilePermissions(editor, PosixFilePermissions.fromString("rwx------"));
        assertThat(kubectl.withEnvironment("KUBE_EDITOR", editor.toString())
                        .run("edit", "configmap", "settings")
                        .orThrow())
                .isEqualTo("configmap/settings edited\n");
        assertThat(path("{.data.c}", "cm/settings")).isEqualTo("edited");
        ok("label", "cm", "settings", "tier=front");
        assertThat(fails("label", "cm", "settings", "tier=back")).contains("already has a value");
        ok("label", "cm", "settings", "tier=back", "--overwrite");
        ok("label", "cm", "settings", "tier-");
        ok("annotate", "cm", "settings", "note=hello");
        assertThat(path("{.metadata.annotations.note}", "cm/settings")).isEqualTo("hello");
        assertThat(ok("replace", "-f", settings)).isEqualTo("configmap/settings replaced\n");
        var uid = path("{.metadata.uid}", "cm/settings");
        assertThat(ok("replace", "--force", "-f", settings)).contains("replaced");
        assertThat(path("{.metadata.uid}", "cm/settings")).isNotEqualTo(uid);
        assertThat(ok("delete", "cm", "settings")).startsWith("configmap \"settings\" deleted");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void appliesFoldersAndKustomizations(Path binary) throws IOException {
        begin(binary, "folders");
        file("all/one.yaml", configMap("one", "b"));
        var two = file("all/two.yaml", configMap("two", "b"));
        var all = folder.resolve("all").toString();
        String[] prune = {"apply", "-f", all, "--prune", "-l", "app=x", "--prune-allowlist=core/v1/ConfigMap"};
        assertThat(ok(prune)).contains("configmap/one created", "configmap/two created");
        Files.delete(two);
        assertThat(ok(prune)).contains("configmap/one unchanged", "configmap/two pruned");
        var one = folder.resolve("all/one.yaml").toString();
        assertThat(ok("apply", "--server-side", "--force-conflicts", "-f", one))
                .isEqualTo("configmap/one serverside-applied\n");
        file("all/one.yaml", configMap("one", "changed"));
        assertThat(fails("apply", "--server-side", "--field-manager=other", "-f", one))
                .contains("conflict with \"kubectl\"", ".data.a");
        ok("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", one);
        assertThat(ok("get", "cm", "one", "-o", "yaml", "--show-managed-fields"))
                .contains("manager: other");
        file("kustom/base.yaml", configMap("base", "b"));
        file("kustom/kustomization.yaml", """
                resources: [base.yaml]
                namePrefix: my-
                configMapGenerator: [{name: made, literals: [x=y]}]
                """);
        assertThat(ok("apply", "-k", folder.resolve("kustom").toString()))
                .contains("configmap/my-base created")
                .containsPattern("configmap/my-made-[a-z0-9]+ created");
        ok("delete", "-k", folder.resolve("kustom").toString());
        assertThat(ok("get", "cm", "-o", "name")).contains("configmap/one").doesNotContain("my-");
        assertThat(kubectl.runWithInput("{bad", "apply", "-f", "-").error()).contains("error parsing STDIN");
        var unknown = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"u\"},\"dato\":{}}";
        assertThat(kubectl.runWithInput(unknown, "apply", "--validate=strict", "-f", "-")
                        .error())
                .contains("strict decoding error: unknown field \"dato\"");
        var warned = kubectl.runWithInput(unknown, "apply", "--validate=warn", "-f", "-");
        assertThat(warned.orThrow()).isEqualTo("configmap/u created\n");
        assertThat(warned.err()).contains("Warning: unknown field \"dato\"");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void runsPodsAndLooksIntoThem(Path binary) throws IOException {
        begin(binary, "pods");
        await().atMost(SOON)
                .until(() -> kubectl.run("get", "serviceaccount", "default").exitCode() == 0);
        ok("run", "p", "--image=busybox", "--restart=Never", "--env=X=1", "--labels=a=b", "--", "sh", "-c", SLEEP);
        ok("wait", "pod/p", "--for=condition=Ready", "--timeout=60s");
        ok("wait", "pod/p", "--for=jsonpath={.status.phase}=Running", "--timeout=60s");
        await().atMost(SOON).untilAsserted(() -> assertThat(ok("logs", "p")).isEqualTo("started\n"));
        assertThat(ok("describe", "pod", "p"))
                .contains("Image:", "busybox", "Status:", "Running", "Scheduled", "Started");
        assertThat(ok("get", "pod", "p", "-o", "wide")).containsPattern("127(\\.\\d+){3} +sampan");
        assertThat(ok("events", "--for", "pod/p")).contains("Started container p");
        assertThat(ok("get", "events", "--sort-by=.lastTimestamp")).contains("pod/p");
        looksInside();
        ok("create", "job", "j", "--image=busybox", "--", "echo", "done here");
        ok("wait", "job/j", "--for=condition=complete", "--timeout=60s");
        assertThat(ok("logs", "job/j")).isEqualTo("done here\n");
        ok("create", "cronjob", "tick", "--image=busybox", "--schedule=0 0 1 1 *", "--", "true");
        ok("create", "job", "now", "--from=cronjob/tick");
        ok("wait", "job/now", "--for=condition=complete", "--timeout=60s");
        ok("delete", "pod", "p", "--now");
    }

    private void looksInside() throws IOException {
        assertThat(ok("exec", "p", "--", "sh", "-c", "echo $X")).isEqualTo("1\n");
        assertThat(kubectl.runWithInput("typed", "exec", "-i", "p", "--", "cat").orThrow())
                .isEqualTo("typed");
        assertThat(kubectl.run("exec", "p", "--", "sh", "-c", "exit 3").exitCode())
                .isEqualTo(3);
        var local = file("here.txt", "copied");
        ok("cp", local.toString(), "p:/tmp/there.txt");
        ok("cp", "p:/tmp/there.txt", folder.resolve("back.txt").toString());
        assertThat(folder.resolve("back.txt")).hasContent("copied");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void exposesAndScalesAutomatically(Path binary) {
        var namespace = begin(binary, "expose");
        ok("create", "deployment", "web", "--image=busybox", "--port=8080", "--", "sh", "-c", SLEEP);
        assertThat(ok("expose", "deployment", "web", "--port=80", "--target-port=8080"))
                .isEqualTo("service/web exposed\n");
        ok("rollout", "status", "deployment/web", "--timeout=60s");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(path("{.items[0].endpoints[0].addresses[0]}", "endpointslices"))
                        .startsWith("127."));
        assertThat(ok("describe", "service", "web"))
                .containsPattern("TargetPort: +8080/TCP")
                .containsPattern("Endpoints: +127(\\.\\d+){3}:8080");
        assertThat(fails("expose", "deployment", "web", "--port=99999", "--name=bad"))
                .contains("must be between 1 and 65535, inclusive");
        ok("autoscale", "deployment", "web", "--min=1", "--max=3", "--cpu-percent=50");
        assertThat(ok("get", "hpa", "web")).contains("Deployment/web", "50%");
        assertThat(ok("describe", "hpa", "web")).contains("Deployment/web", "/ 50%");
        var autoscalers = "/namespaces/" + namespace + "/horizontalpodautoscalers/web";
        assertThat(ok("get", "--raw", "/apis/autoscaling/v1" + autoscalers))
                .contains("\"apiVersion\":\"autoscaling/v1\"", "\"targetCPUUtilizationPercentage\":50");
        assertThat(ok("get", "--raw", "/apis/autoscaling/v2" + autoscalers))
                .contains("\"apiVersion\":\"autoscaling/v2\"", "\"averageUtilization\":50");
        ok("create", "ingress", "web", "--rule=web.example.com/*=web:80");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ok("get", "ingress", "web")).contains("web.example.com", "127.0.0.1"));
        ok("create", "service", "nodeport", "np", "--tcp=80:80");
        assertThat(path("{.spec.ports[0].nodePort}", "service", "np")).matches("3[0-2][0-9]{3}");
        ok("create", "poddisruptionbudget", "pdb", "--selector=app=web", "--min-available=1");
        assertThat(ok("get", "pdb", "pdb")).containsPattern("pdb +1 +N/A");
        ok("create", "quota", "q", "--hard=pods=3");
        assertThat(ok("describe", "quota", "q")).containsPattern("pods +[0-9] +3");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void givesAndChecksRights(Path binary) {
        var namespace = begin(binary, "rights");
        ok("create", "serviceaccount", "bot");
        ok("create", "role", "reader", "--verb=get,list", "--resource=pods");
        ok("create", "rolebinding", "reads", "--role=reader", "--serviceaccount=" + namespace + ":bot");
        var bot = "--as=system:serviceaccount:" + namespace + ":bot";
        assertThat(ok("auth", "can-i", "list", "pods", bot)).isEqualTo("yes\n");
        assertThat(kubectl.run("auth", "can-i", "delete", "pods", bot).out()).startsWith("no");
        assertThat(ok("auth", "can-i", "--list", bot)).containsPattern("pods +\\[] +\\[] +\\[get list]");
        assertThat(fails("get", "secrets", bot))
                .contains("(Forbidden)", "cannot list resource \"secrets\"", "in the namespace \"" + namespace + "\"");
        assertThat(ok("create", "token", "bot", "--duration=10m").split("\\.")).hasSize(3);
        ok("create", "secret", "generic", "s", "--from-literal=p=q");
        assertThat(path("{.data.p}", "secret", "s")).isEqualTo("cQ==");
        assertThat(ok("describe", "secret", "s")).contains("p:  1 bytes").doesNotContain("cQ==");
        assertThat(fails("delete", "namespace", "default")).contains("this namespace may not be deleted");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void explainsItself(Path binary) {
        begin(binary, "explain");
        assertThat(ok("explain", "pod.spec.containers.livenessProbe")).contains("Periodic probe of container liveness");
        assertThat(ok("explain", "deployment", "--recursive")).contains("progressDeadlineSeconds");
        assertThat(ok("explain", "tfjob.spec")).contains("tfReplicaSpecs");
        assertThat(fails("explain", "nosuch")).contains("nosuch");
        assertThat(ok("api-resources")).containsPattern("deployments +deploy +apps/v1 +true +Deployment");
        assertThat(ok("api-resources", "--namespaced=false", "-o", "name").lines())
                .contains("nodes", "namespaces");
        assertThat(ok("api-versions").lines()).contains("v1", "apps/v1", "kubeflow.org/v1", "extensions/v1beta1");
        assertThat(ok("cluster-info")).contains("is running at", "https://127.0.0.1:");
        assertThat(ok("version", "--output=json")).contains("serverVersion", "sampan");
        assertThat(ok("get", "--raw", "/readyz")).isEqualTo("ok");
        assertThat(ok("completion", "bash")).contains("__start_kubectl");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("versions")
    void takesTheNodeOutOfService(Path binary) {
        begin(binary, "node");
        ok("create", "deployment", "web", "--image=busybox", "--", "sh", "-c", SLEEP);
        ok("rollout", "status", "deployment/web", "--timeout=60s");
        assertThat(ok("describe", "node", "sampan")).contains("KubeletReady", "Allocatable:", "web-");
        try {
            assertThat(ok("cordon", "sampan")).isEqualTo("node/sampan cordoned\n");
            assertThat(ok("get", "nodes")).contains("Ready,SchedulingDisabled");
            assertThat(ok(
                            "drain",
                            "sampan",
                            "--ignore-daemonsets",
                            "--force",
                            "--pod-selector=app=web",
                            "--timeout=60s"))
                    .contains("drained");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(ok("get", "pods")).contains("Pending"));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(ok("get", "events"))
                            .contains("0/1 nodes are available: 1 node(s) were unschedulable"));
        } finally {
            ok("uncordon", "sampan");
        }
        ok("taint", "nodes", "sampan", "gpu=no:NoSchedule");
        assertThat(path("{.spec.taints[0].key}", "node", "sampan")).isEqualTo("gpu");
        ok("taint", "nodes", "sampan", "gpu-");
        ok("rollout", "status", "deployment/web", "--timeout=60s");
    }
}
