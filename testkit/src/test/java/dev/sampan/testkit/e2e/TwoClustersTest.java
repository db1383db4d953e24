package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.TestCluster;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Clusters on one machine: somebody's own, and those of tests. */
class TwoClustersTest {

    private static final String SERVE = "cd /tmp && echo %s >name && exec python3 -m http.server -b $POD_IP 8000";

    @Test
    void runTheSamePodsAndServicesWithoutGettingIntoEachOthersWay() throws Exception {
        try (var one = TestCluster.start();
                var other = TestCluster.start()) {
            serve(one, "one");
            serve(other, "other");

            assertAnswers(one, "one");
            assertAnswers(other, "other");
            if (LowPorts.areFree()) {
                assertThat(version(one)).isEqualTo(200);
                assertThat(version(other)).isEqualTo(200);
            }
        }
    }

    private static void serve(TestCluster cluster, String name) {
        var pods = cluster.client().pods().inNamespace("default");
        pods.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .addToLabels("app", "web")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("web")
                        .withImage("python")
                        .withCommand("sh", "-c", SERVE.formatted(name))
                        .addNewPort()
                        .withContainerPort(8000)
                        .endPort()
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        cluster.client()
                .services()
                .inNamespace("default")
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .addToSelector("app", "web")
                        .addNewPort()
                        .withPort(8080)
                        .withNewTargetPort(8000)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
    }

    private static void assertAnswers(TestCluster cluster, String name) throws Exception {
        var address = cluster.client()
                .services()
                .inNamespace("default")
                .withName("web")
                .get()
                .getSpec()
                .getClusterIP();
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://" + address + ":8080/name"))
                    .build();
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(
                                    http.send(request, BodyHandlers.ofString()).body())
                            .isEqualTo(name + "\n"));
        }
    }

    /** What the API answers at the address that pods know. */
    private static int version(TestCluster cluster) throws Exception {
        var service = cluster.client().services().inNamespace("default").withName("kubernetes");
        var http = cluster.client().getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri("https://" + service.get().getSpec().getClusterIP() + "/version")
                .build();
        return http.sendAsync(request, String.class).get().code();
    }
}
