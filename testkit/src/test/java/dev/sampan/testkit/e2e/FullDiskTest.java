package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server whose disk fills up: writes are refused with the reason, reads go on, nothing that was written is lost. */
@EnabledOnOs(OS.LINUX)
class FullDiskTest {

    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    /** A server with its home on a file system of 48 MB that only it sees. */
    private Process server(Path home) throws IOException {
        var command = new ArrayList<>(Sampan.program());
        command.addAll(List.of("server", "--home", home.toString()));
        for (var port : List.of("--api-port", "--ingress-port", "--ingress-tls-port", "--node-port")) {
            command.addAll(List.of(port, "0"));
        }
        var inside = new ArrayList<>(List.of(
                "unshare",
                "-Urm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=48m tmpfs \"$0\" && exec \"$@\"",
                home.toString()));
        inside.addAll(command);
        return new ProcessBuilder(inside)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
    }

    private static boolean namespacesWork() throws Exception {
        var trial = new ProcessBuilder("unshare", "-Urm", "sh", "-c", "mount -t tmpfs tmpfs /mnt")
                .redirectErrorStream(true)
                .start();
        return trial.waitFor(10, TimeUnit.SECONDS) && trial.exitValue() == 0;
    }

    private static ConfigMap configMap(String name, int size) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withData(Map.of("key", "x".repeat(size)))
                .build();
    }

    @Test
    void keepsServingAndLosesNothing() throws Exception {
        assumeThat(namespacesWork()).as("user and mount namespaces").isTrue();
        var home = Files.createDirectory(folder.resolve("home"));
        var server = server(home);
        try {
            var seen = Path.of("/proc/" + server.pid() + "/root" + home);
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(seen.resolve("server.json")));
            var config = Config.fromKubeconfig(Files.readString(seen.resolve("kubeconfig")));
            config.setRequestRetryBackoffLimit(0);
            try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
                fillAndEmpty(client, seen.resolve("filler"));
            }
        } finally {
            server.destroy();
            assertThat(server.waitFor(40, TimeUnit.SECONDS))
                    .as("the server stops")
                    .isTrue();
        }
    }

    private static void fillAndEmpty(KubernetesClient client, Path filler) throws IOException {
        client.resource(configMap("before", 10)).create();
        fill(filler);

        for (int i = 0; i < 3; i++) {
            var big = client.resource(configMap("big-" + i, MEGABYTE / 2));
            assertThatThrownBy(big::create).isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                assertThat(e.getCode()).isEqualTo(500);
                assertThat(e.getMessage()).contains("no space left");
            });
        }
        assertThat(client.configMaps().inNamespace("default").withName("before").get())
                .isNotNull();
        assertThat(client.nodes().list().getItems()).hasSize(1);

        Files.delete(filler);
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> client.resource(configMap("after", MEGABYTE / 2)).create() != null);
        assertThat(client.configMaps().inNamespace("default").list().getItems())
                .extracting(map -> map.getMetadata().getName())
                .contains("before", "after")
                .doesNotContain("big-0", "big-1", "big-2");
    }

    private static void fill(Path filler) throws IOException {
        var zeros = new byte[64 * 1024];
        try (var out = Files.newOutputStream(filler)) {
            for (int written = 0; written < 64 * MEGABYTE; written += zeros.length) {
                out.write(zeros);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
            return;
        }
        throw new AssertionError("the file system is larger than 64 MB");
    }
}
