package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.ServerProcess;
import dev.sampan.store.EtcdServer;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers on one etcd, started from the command line as a person would. */
@Timeout(180)
class EtcdServersTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Sampan first;
    private Sampan second;

    @BeforeAll
    static void etcdIsInstalled() {
        assumeThat(EtcdServer.isInstalled())
                .as("Debian's etcd-server is needed")
                .isTrue();
    }

    @BeforeEach
    void folders() throws IOException {
        first = new Sampan(Files.createDirectories(folder.resolve("first")));
        second = new Sampan(Files.createDirectories(folder.resolve("second")));
    }

    @AfterEach
    void stop() throws Exception {
        first.run("down");
        second.run("down");
    }

    private static String[] up(EtcdServer etcd, String... more) {
        var ports = Stream.of("--api-port", "--node-port", "--ingress-port", "--ingress-tls-port")
                .flatMap(port -> Stream.of(port, "0"));
        var shared = Stream.of("--etcd-servers", etcd.uri().toString(), "--service-cluster-ip-range", "127.201.0.0/16");
        return Stream.of(Stream.of("up"), ports, shared, Stream.of(more))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    /** The first, which has no node, leads until it is killed; the second goes on with its work. */
    @Test
    void theOtherServerTakesOverFromAKilledLeader() throws Exception {
        try (var etcd = EtcdServer.start(folder)) {
            first.run(up(etcd, "--disable-agent", "true")).orThrow();
            EtcdTest.copy(first.home().resolve("pki"), second.home().resolve("pki"));
            second.run(up(etcd)).orThrow();
            try (var client = AdminClient.open(new Home(second.home()))) {
                var deployment = client.resource(deployment()).create();
                awaitReady(client, 1);
                var leader = scheduler(client);

                new ServerProcess(new Home(first.home()), JavaLauncher.ofThisProcess()).kill();
                client.resource(deployment).scale(3);

                awaitReady(client, 3);
                assertThat(scheduler(client).getSpec().getHolderIdentity())
                        .isNotEqualTo(leader.getSpec().getHolderIdentity());
                assertThat(scheduler(client).getSpec().getLeaseTransitions())
                        .isEqualTo(leader.getSpec().getLeaseTransitions() + 1);
                var pods = client.pods().inNamespace("default").list().getItems();
                assertThat(pods).hasSize(3);
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(bindings(client))
                                .as("each pod was bound once")
                                .containsExactlyInAnyOrderElementsOf(pods.stream()
                                        .map(pod -> pod.getMetadata().getName() + " 1")
                                        .toList()));
            }
        }
    }

    private static List<String> bindings(KubernetesClient client) {
        return client.v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals("Scheduled"))
                .map(event -> event.getInvolvedObject().getName() + " " + times(event))
                .toList();
    }

    private static int times(Event event) {
        return event.getCount() == null ? 1 : event.getCount();
    }

    private static Lease scheduler(KubernetesClient client) {
        return client.leases()
                .inNamespace("kube-system")
                .withName("kube-scheduler")
                .get();
    }

    private static void awaitReady(KubernetesClient client, int count) {
        await().atMost(SOON)
                .until(() -> client.pods().inNamespace("default").list().getItems().stream()
                                .filter(EtcdServersTest::isReady)
                                .count()
                        == count);
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    private static io.fabric8.kubernetes.api.model.apps.Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("sleepers")
                .endMetadata()
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .withMatchLabels(Map.of("app", "sleepers"))
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Map.of("app", "sleepers"))
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("sleep", "600")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    @Test
    void waitsForAnEtcdThatStartsLater() throws Exception {
        try (var etcd = EtcdServer.start(folder)) {
            etcd.kill();
            var up = CompletableFuture.supplyAsync(() -> {
                try {
                    return first.run(up(etcd, "--disable-agent", "true"));
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            await().atMost(SOON).until(() -> Files.exists(first.home().resolve("waiting")));
            etcd.restart();
            var lines = up.join().orThrow().lines().toList();
            assertThat(lines.getFirst())
                    .startsWith("etcd at [" + etcd.uri() + "] failed: ")
                    .endsWith("Trying again for 30 s.");
            assertThat(lines.get(1)).startsWith("Cluster ready in ");
        }
    }
}
