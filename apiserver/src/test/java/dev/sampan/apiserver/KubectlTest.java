package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sampan.apiserver.pki.Kubeconfig;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.store.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people type first, with several releases of the real kubectl. */
final class KubectlTest {

    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: c, image: "nginx:1"}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            """;

    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: ships.sea.example.com}
            spec:
              group: sea.example.com
              scope: Namespaced
              names: {plural: ships, kind: Ship, shortNames: [sh]}
              versions:
              - name: v1
                served: true
                storage: true
                additionalPrinterColumns: [{name: Planks, type: integer, jsonPath: .spec.planks}]
                schema:
                  openAPIV3Schema:
                    type: object
                    properties: {spec: {type: object, properties: {planks: {type: integer, description: How many.}}}}
            """;

    @TempDir
    private static Path directory;

    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final MemoryStore STORE = new MemoryStore();
    private static @Nullable ApiServer api;

    @BeforeAll
    static void start() throws IOException {
        var server =
                new ApiServer(ApiServerConfig.defaults(directory.resolve("pki")).withPort(0), STORE);
        server.start();
        api = server;
        var admin = new PkiDirectory(directory.resolve("pki"), InstantSource.system()).admin();
        Files.writeString(
                directory.resolve("kubeconfig"), new Kubeconfig("test", server.uri(), "admin", admin).toYaml());
    }

    @AfterAll
    static void stop() {
        if (api != null) {
            api.close();
        }
        STORE.close();
    }

    /** One release's kubectl with a namespace of its own. */
    private record Kubectl(Path program, String namespace) {

        static Kubectl of(String release) throws Exception {
            var found = new ProcessBuilder("sh", "-c", "readlink -f \"$(command -v kubectl)\"").start();
            var path = new String(found.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assumeTrue(!path.isEmpty(), "no kubectl on the PATH");
            var program = Path.of(path).resolveSibling("kubectl." + release);
            assumeTrue(Files.isExecutable(program), "no kubectl " + release + " beside " + path);
            var kubectl = new Kubectl(program, "n" + NAMESPACES.incrementAndGet());
            kubectl.run("", "create", "namespace", kubectl.namespace);
            return kubectl;
        }

        String run(String input, String... arguments) throws Exception {
            return ending(0, input, arguments);
        }

        /** Runs to an exit code that the test expects. */
        String ending(int code, String input, String... arguments) throws Exception {
            var command = new ArrayList<>(List.of(program.toString(), "-n", namespace));
            command.addAll(List.of(arguments));
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment()
                    .put("KUBECONFIG", directory.resolve("kubeconfig").toString());
            builder.environment()
                    .put("KUBECACHEDIR", directory.resolve("cache" + namespace).toString());
            var process = builder.start();
            try (var out = process.getOutputStream()) {
                out.write(input.getBytes(StandardCharsets.UTF_8));
            }
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as("%s\n%s", String.join(" ", command), output)
                    .isEqualTo(code);
            return output;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void appliesChangesAndDeletes(String release) throws Exception {
        var kubectl = Kubectl.of(release);
        assertThat(kubectl.run(WEB, "apply", "-f", "-")).contains("deployment.apps/web created", "service/web created");
        assertThat(kubectl.run(WEB, "apply", "-f", "-")).contains("deployment.apps/web unchanged");
        var changed = WEB.replace("nginx:1", "nginx:2");
        assertThat(kubectl.run(changed, "apply", "-f", "-")).contains("deployment.apps/web configured");
        assertThat(kubectl.run("", "get", "deploy", "-o", "wide")).contains("UP-TO-DATE", "nginx:2", "app=web");
        assertThat(kubectl.run("", "get", "svc")).contains("CLUSTER-IP", "80/TCP");
        kubectl.run("", "scale", "deploy/web", "--replicas=5");
        kubectl.run("", "set", "image", "deploy/web", "c=nginx:3");
        kubectl.run("", "patch", "deploy", "web", "-p", "{\"spec\":{\"paused\":true}}");
        kubectl.run(
                "", "patch", "deploy", "web", "--type=json", "-p", "[{\"op\":\"remove\",\"path\":\"/spec/paused\"}]");
        kubectl.run("", "label", "deploy", "web", "tier=front");
        var path = "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.metadata.labels.tier}";
        assertThat(kubectl.run("", "get", "deploy", "web", "-o", path)).isEqualTo("5 nginx:3 front");
        assertThat(kubectl.run("", "delete", "deploy/web", "svc/web")).contains("deployment.apps \"web\" deleted");
        kubectl.run("", "wait", "--for=delete", "deploy/web", "--timeout=10s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void tellsWhatThereIs(String release) throws Exception {
        var kubectl = Kubectl.of(release);
        assertThat(kubectl.run("", "api-resources")).contains("deployments", "deploy", "CronJob");
        assertThat(kubectl.run("", "api-versions")).contains("apps/v1", "batch/v1");
        assertThat(kubectl.run("", "explain", "deployment.spec.replicas")).contains("Number of desired pods");
        assertThat(kubectl.run("", "version")).contains("v1.36.");
        assertThat(kubectl.run("", "auth", "can-i", "create", "pods")).contains("yes");
        assertThat(kubectl.run("", "create", "configmap", "c", "--from-literal=a=b"))
                .contains("configmap/c created");
        assertThat(kubectl.run("", "get", "cm", "c")).contains("NAME   DATA   AGE");
        assertThat(kubectl.run("", "create", "role", "r", "--verb=get", "--resource=pods"))
                .contains("created");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void knowsCustomResources(String release) throws Exception {
        var kubectl = Kubectl.of(release);
        var name = "crd/ships.sea.example.com";
        kubectl.run(CRD, "apply", "-f", "-");
        kubectl.run("", "wait", "--for=condition=Established", name, "--timeout=10s");
        var ship = "apiVersion: sea.example.com/v1\nkind: Ship\nmetadata: {name: junk}\nspec: {planks: 3}\n";
        assertThat(kubectl.run(ship, "apply", "-f", "-")).contains("ship.sea.example.com/junk created");
        assertThat(kubectl.run("", "get", "sh")).contains("PLANKS").containsPattern("junk +3");
        assertThat(kubectl.run("", "explain", "ship.spec.planks")).contains("How many.");
        assertThat(kubectl.run("", "patch", "ship", "junk", "--type=merge", "-p", "{\"spec\":{\"planks\":4}}"))
                .contains("patched");
        kubectl.run("", "delete", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void appliesOnTheServer(String release) throws Exception {
        var kubectl = Kubectl.of(release);
        var serverSide = new String[] {"apply", "--server-side", "-f", "-"};
        assertThat(kubectl.run(WEB, serverSide)).contains("deployment.apps/web serverside-applied");
        assertThat(kubectl.run(WEB, "diff", "--server-side", "-f", "-")).isEmpty();
        var scaled = WEB.replace("replicas: 2", "replicas: 5");
        assertThat(kubectl.ending(1, scaled, "diff", "--server-side", "-f", "-"))
                .contains("-  replicas: 2", "+  replicas: 5");
        kubectl.run("", "scale", "deployment/web", "--replicas=3");
        assertThat(kubectl.ending(1, scaled, serverSide))
                .contains(
                        "Apply failed with 1 conflict: conflict with \"kubectl",
                        "with subresource \"scale\" using apps/v1")
                .contains(".spec.replicas");
        kubectl.run(scaled, "apply", "--server-side", "--force-conflicts", "-f", "-");
        assertThat(kubectl.run("", "get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))
                .isEqualTo("5");
        assertThat(kubectl.run("", "get", "deployment", "web", "--show-managed-fields", "-o", "yaml"))
                .contains("operation: Apply");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void goesFromOneApplyToTheOther(String release) throws Exception {
        var kubectl = Kubectl.of(release);
        kubectl.run(WEB, "apply", "-f", "-");
        assertThat(kubectl.run(WEB, "diff", "-f", "-")).isEmpty();
        var scaled = WEB.replace("replicas: 2", "replicas: 5");
        assertThat(kubectl.ending(1, scaled, "diff", "-f", "-")).contains("+  replicas: 5");
        assertThat(kubectl.run("", "apply", "view-last-applied", "deployment/web"))
                .contains("replicas: 2");
        assertThat(kubectl.run(scaled, "apply", "--server-side", "-f", "-")).contains("serverside-applied");
        assertThat(kubectl.run("", "apply", "view-last-applied", "deployment/web"))
                .contains("replicas: 5");
        kubectl.run(WEB, "apply", "--server-side", "-f", "-");
        kubectl.run(scaled, "apply", "-f", "-");
        assertThat(kubectl.run("", "get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))
                .isEqualTo("5");
    }
}
