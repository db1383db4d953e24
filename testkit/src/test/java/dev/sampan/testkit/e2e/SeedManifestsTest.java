package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The manifests that the project grew from, as people wrote them, reach the state that their texts promise: each is
 * applied with kubectl, and the service it describes answers predictions.
 */
@SampanCluster
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeedManifestsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final TestCluster cluster;
    private final Kubectl kubectl;
    private final DigitsModel model;

    SeedManifestsTest(TestCluster cluster, @TempDir Path folder) throws IOException {
        this.cluster = cluster;
        var binaries = Kubectl.find();
        assumeThat(binaries).as("kubectl on the PATH").isNotEmpty();
        this.kubectl = Kubectl.of(binaries.getFirst(), cluster.kubeconfig());
        this.model = DigitsModel.train(folder);
    }

    @BeforeAll
    void buildImages() throws Exception {
        model.buildServer(cluster, "registry.example.com/image-classifier:v1", "image-classifier", 8080);
        model.buildServer(cluster, "ai-service:latest", "ai-service", 5000);
    }

    private static String manifest(String name) {
        var url = Objects.requireNonNull(SeedManifestsTest.class.getResource("/manifests/" + name), name);
        return Path.of(URI.create(url.toString())).toString();
    }

    private String apply(String... names) {
        var output = new StringBuilder();
        for (var name : names) {
            output.append(kubectl.run("apply", "-f", manifest(name)).orThrow());
        }
        return output.toString();
    }

    private void delete(String... names) {
        for (var name : names) {
            kubectl.run("delete", "-f", manifest(name), "--wait=true").orThrow();
        }
    }

    private static void soon(ThrowingRunnable assertion) {
        await().atMost(SOON).ignoreExceptions().untilAsserted(assertion);
    }

    private URI clusterAddress(String service, int port) {
        var ip = kubectl.run("get", "service", service, "-o", "jsonpath={.spec.clusterIP}")
                .orThrow();
        return URI.create("http://" + ip + ":" + port);
    }

    @Test
    void tensorFlowJobTrains() {
        kubectl.run("create", "namespace", "kubeflow").orThrow();
        assertThat(apply("001-1.yaml")).isEqualTo("tfjob.kubeflow.org/tensorflow-job created\n");

        kubectl.run("wait", "tfjob/tensorflow-job", "-n", "kubeflow", "--for=condition=Succeeded", "--timeout=110s")
                .orThrow();

        assertThat(kubectl.run("get", "tfjob", "-n", "kubeflow").orThrow())
                .containsPattern("tensorflow-job +Succeeded");
        assertThat(kubectl.run("logs", "-n", "kubeflow", "tensorflow-job-worker-0")
                        .orThrow())
                .contains("2 workers")
                .containsPattern("held-out accuracy 0\\.9[0-9]+")
                .contains("saved /train/logs");
    }

    @Test
    void imageClassifierAnswersThroughItsIngress() throws Exception {
        apply("002-0.yaml");

        assertThat(kubectl.run("rollout", "status", "deployment/image-classifier", "--timeout=60s")
                        .orThrow())
                .contains("deployment \"image-classifier\" successfully rolled out");
        soon(() -> DigitsModel.assertPredicts(cluster.ingress(), "image-classifier", "image-classifier.example.com"));
        if (LowPorts.areFree()) {
            var address = clusterAddress("image-classifier", 80);
            soon(() -> DigitsModel.assertPredicts(address, "image-classifier", null));
        }
        assertThat(kubectl.run("get", "deployment", "image-classifier", "-o", "jsonpath={.status.readyReplicas}")
                        .orThrow())
                .isEqualTo("3");
        kubectl.run("autoscale", "deployment", "image-classifier", "--min=3", "--max=10", "--cpu-percent=80")
                .orThrow();
        assertThat(kubectl.run("get", "hpa", "image-classifier").orThrow())
                .contains("Deployment/image-classifier")
                .contains("80%");

        kubectl.run("delete", "hpa", "image-classifier").orThrow();
        delete("002-0.yaml");
    }

    @Test
    void tensorFlowServingTakesAModelIntoItsVolume() throws Exception {
        apply("002-1.yaml");
        kubectl.run("rollout", "status", "deployment/tensorflow-serving", "--timeout=60s")
                .orThrow();
        var pods = kubectl.run("get", "pods", "-l", "app=tensorflow-serving", "-o", "name")
                .orThrow()
                .lines()
                .toList();
        assertThat(pods).hasSize(2);

        for (var pod : pods) {
            kubectl.run("cp", model.versions().toString(), pod.replace("pod/", "default/") + ":/models/model")
                    .orThrow();
        }

        var address = clusterAddress("tensorflow-serving", 8501);
        soon(() -> {
            for (int i = 0; i < 8; i++) { // either replica answers
                DigitsModel.assertPredicts(address, "model", null);
            }
        });
        delete("002-1.yaml");
    }

    @Test
    void podBehindAServiceAnswers() throws Exception {
        apply("003-0.yaml", "003-1.yaml");
        kubectl.run("wait", "pod/ai-service", "--for=condition=Ready", "--timeout=60s")
                .orThrow();

        // The service selects app=ai-service, a label that the pod's manifest forgets.
        assertThat(kubectl.run("get", "endpointslices", "-l", "kubernetes.io/service-name=ai-service", "-o", "name")
                        .orThrow())
                .isNotEmpty();
        kubectl.run("label", "pod", "ai-service", "app=ai-service").orThrow();

        assumeThat(LowPorts.areFree()).as("may listen on port 80").isTrue();
        var address = clusterAddress("ai-service", 80);
        soon(() -> DigitsModel.assertPredicts(address, "ai-service", null));
        delete("003-0.yaml", "003-1.yaml");
    }

    /** The image is one that holds the configuration file which the manifest's arguments name. */
    @Test
    void oldIngressLeadsToTheModel() throws Exception {
        Files.writeString(model.versions().resolveSibling("models.config"), """
                model_config_list { config { name: "my_model" base_path: "/models/my_model" model_platform: "onnx" } }
                """);
        model.build(cluster, "tensorflow/serving", """
                FROM sampan/model-server
                COPY digits /models/my_model
                COPY models.config /mnt/models.config
                ENTRYPOINT ["tensorflow_model_server", "--port=0", "--rest_api_port=8500"]
                """);
        var applied = kubectl.run("apply", "-f", manifest("004-3.yaml"));

        assertThat(applied.orThrow()).contains("ingress.extensions/my-ingress created");
        assertThat(applied.err())
                .contains("extensions/v1beta1 Ingress is deprecated")
                .contains("spec.ports[0].nodePort: is ignored");
        kubectl.run("rollout", "status", "-n", "ai-test", "deployment/ai-service", "--timeout=60s")
                .orThrow();
        var ip = kubectl.run("get", "service", "my-service", "-n", "ai-test", "-o", "jsonpath={.spec.clusterIP}")
                .orThrow();
        soon(() -> DigitsModel.assertPredicts(URI.create("http://" + ip + ":8500"), "my_model", null));
        // The path goes to the model server as it is, which knows /v1 alone; so nginx' annotation takes the prefix off.
        kubectl.run(
                        "annotate",
                        "ingress",
                        "my-ingress",
                        "-n",
                        "ai-test",
                        "nginx.ingress.kubernetes.io/use-regex=true",
                        "nginx.ingress.kubernetes.io/rewrite-target=/$1")
                .orThrow();
        kubectl.run(
                        "patch",
                        "ingress.v1beta1.extensions",
                        "my-ingress",
                        "-n",
                        "ai-test",
                        "--type=json",
                        "-p",
                        "[{\"op\": \"replace\", \"path\": \"/spec/rules/0/http/paths/0/path\","
                                + " \"value\": \"/ai-service/(.*)\"}]")
                .orThrow();
        soon(() -> DigitsModel.assertPredicts(
                cluster.ingress().resolve("/ai-service/"), "my_model", "ai-demo.example.com"));
        kubectl.run("delete", "namespace", "ai-test").orThrow();
    }
}
