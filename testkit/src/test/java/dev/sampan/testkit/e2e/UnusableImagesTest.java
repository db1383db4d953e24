package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.app.cluster.Images;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.node.image.BuildRequest;
import dev.sampan.node.image.ImageBuilder;
import dev.sampan.node.image.ImageName;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that cannot be had or run: the pod says why, and what to do about it. */
@SampanCluster
class UnusableImagesTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final TestCluster cluster;
    private final KubernetesClient client;

    UnusableImagesTest(TestCluster cluster) {
        this.cluster = cluster;
        this.client = cluster.client();
    }

    private void create(String name, String image, String... command) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(0L)
                        .addNewContainer()
                        .withName("main")
                        .withImage(image)
                        .withCommand(command)
                        .withImagePullPolicy("IfNotPresent")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private Pod pod(String name) {
        return Objects.requireNonNull(
                client.pods().inNamespace("default").withName(name).get());
    }

    private ContainerState state(String name) {
        return pod(name).getStatus().getContainerStatuses().getFirst().getState();
    }

    private List<String> events(String pod) {
        return client
                .v1()
                .events()
                .inNamespace("default")
                .withField("involvedObject.name", pod)
                .list()
                .getItems()
                .stream()
                .map(Event::getMessage)
                .toList();
    }

    @Test
    void anUnknownImageSaysHowToBuildItAndRunsOnceItIsBuilt(@TempDir Path folder) throws Exception {
        create("unknown", "example.com/nowhere:v1");

        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            var waiting = state("unknown").getWaiting();
            assertThat(waiting.getReason()).isIn("ErrImagePull", "ImagePullBackOff");
            assertThat(waiting.getMessage()).contains("example.com/nowhere:v1");
            assertThat(events("unknown")).anyMatch(e -> e.contains("sampan image build -t example.com/nowhere:v1"));
        });

        var images = Images.of(cluster.home(), JavaLauncher.ofThisProcess());
        var name = ImageName.parse("example.com/nowhere:v1").orElseThrow();
        new ImageBuilder(images.layout(), images.store())
                .build(new BuildRequest(
                        name, folder, "Sampanfile", "FROM busybox\nCMD [\"sleep\", \"600\"]", Map.of()));
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(state("unknown").getRunning()).isNotNull());
        client.pods().inNamespace("default").withName("unknown").delete();
    }

    @Test
    void anInvalidNameIsCalledSo() {
        create("invalid", "Not/A:Valid:Name");

        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            assertThat(state("invalid").getWaiting().getReason()).isEqualTo("InvalidImageName");
            assertThat(events("invalid")).anyMatch(e -> e.contains("couldn't parse image name"));
        });
        client.pods().inNamespace("default").withName("invalid").delete();
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        create("missing", "busybox", "/no/such/program");

        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(events("missing"))
                        .anyMatch(e -> e.contains(
                                "exec: \"/no/such/program\": stat /no/such/program: no such file or directory")));
        assertThat(pod("missing").getStatus().getPhase()).isNotEqualTo("Succeeded");
        client.pods().inNamespace("default").withName("missing").delete();
    }

    @Test
    void aProgramThatEndsAtOnceIsHeldBack() {
        create("crashing", "busybox", "sh", "-c", "echo broken >&2; exit 3");

        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            var status = pod("crashing").getStatus().getContainerStatuses().getFirst();
            assertThat(status.getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
            assertThat(status.getLastState().getTerminated().getExitCode()).isEqualTo(3);
            assertThat(events("crashing")).anyMatch(e -> e.contains("Back-off restarting failed container"));
        });
        assertThat(client.pods().inNamespace("default").withName("crashing").getLog())
                .isEqualTo("broken\n");
        client.pods().inNamespace("default").withName("crashing").delete();
    }
}
