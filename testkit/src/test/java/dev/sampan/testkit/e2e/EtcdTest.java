package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.app.cluster.Home;
import dev.sampan.store.EtcdServer;
import dev.sampan.testkit.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clusters whose objects are in etcd. */
@Timeout(180)
class EtcdTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @BeforeAll
    static void etcdIsInstalled() {
        assumeThat(EtcdServer.isInstalled())
                .as("Debian's etcd-server is needed")
                .isTrue();
    }

    private TestCluster start(String name, EtcdServer etcd, String... more) throws IOException {
        var flags = new HashMap<>(Map.of("--etcd-servers", etcd.uri().toString()));
        for (int i = 0; i < more.length; i += 2) {
            flags.put(more[i], more[i + 1]);
        }
        return TestCluster.start(new Home(Files.createDirectories(folder.resolve(name))), flags);
    }

    @Test
    void runsPodsAndSurvivesTheDeathOfEtcd() throws Exception {
        try (var etcd = EtcdServer.start(folder);
                var cluster = start("one", etcd)) {
            var pods = cluster.client().pods().inNamespace("default");
            await().atMost(SOON)
                    .until(() -> cluster.client()
                                    .serviceAccounts()
                                    .inNamespace("default")
                                    .withName("default")
                                    .get()
                            != null);
            pods.resource(pod("sleeper")).create();
            pods.withName("sleeper").waitUntilReady(60, TimeUnit.SECONDS);

            etcd.kill();
            assertThatThrownBy(() ->
                            cluster.client().configMaps().inNamespace("default").list())
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                        assertThat(e.getCode()).isEqualTo(503);
                        assertThat(e.getMessage()).contains("etcd at [" + etcd.uri() + "]");
                    });
            etcd.restart();

            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> put(cluster.client(), "after", "restart"));
            pods.resource(pod("late")).create();
            pods.withName("late").waitUntilReady(60, TimeUnit.SECONDS);
            assertThat(pods.list().getItems()).hasSize(2);
        }
    }

    @Test
    void twoServersServeTheSameObjects() throws Exception {
        try (var etcd = EtcdServer.start(folder);
                var one = start("one", etcd, "--service-cluster-ip-range", "127.200.0.0/16")) {
            copy(one.home().pki(), folder.resolve("other/pki"));
            try (var other =
                    start("other", etcd, "--service-cluster-ip-range", "127.200.0.0/16", "--disable-agent", "true")) {
                var seen = watch(other.client());
                for (int i = 0; i < 20; i++) {
                    var written = put(one.client(), "shared", "v" + i);
                    var read = get(other.client());
                    assertThat(read).as("read through the other at once").isEqualTo(written);
                    read.getData().put("key", "w" + i);
                    var rewritten = other.client().resource(read).update();
                    assertThat(get(one.client())).isEqualTo(rewritten);
                    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("v" + i);
                    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("w" + i);
                }
                assertThatThrownBy(() -> {
                            var stale = get(one.client());
                            put(other.client(), "shared", "newer");
                            one.client().resource(stale).update();
                        })
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(409));
                assertThat(other.client().nodes().list().getItems()).hasSize(1);
                differentAddresses(one.client(), other.client());
                assertThatThrownBy(() -> listSecrets(other, token(one)))
                        .as("a token of one is known to the other, and may do nothing")
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(403));
            }
        }
    }

    /** Of Services that are created through both at the same time. */
    private static void differentAddresses(KubernetesClient one, KubernetesClient other) {
        var services = IntStream.range(0, 40)
                .parallel()
                .mapToObj(i -> (i % 2 == 0 ? one : other)
                        .resource(new ServiceBuilder()
                                .withNewMetadata()
                                .withNamespace("default")
                                .withName("s" + i)
                                .endMetadata()
                                .withNewSpec()
                                .withType("NodePort")
                                .addNewPort()
                                .withPort(80)
                                .endPort()
                                .endSpec()
                                .build())
                        .create()
                        .getSpec())
                .toList();
        assertThat(services).extracting(ServiceSpec::getClusterIP).doesNotHaveDuplicates();
        assertThat(services)
                .extracting(spec -> spec.getPorts().getFirst().getNodePort())
                .doesNotHaveDuplicates();
    }

    private static String token(TestCluster cluster) {
        var accounts = cluster.client().serviceAccounts().inNamespace("default");
        await().atMost(SOON).until(() -> accounts.withName("default").get() != null);
        return accounts.withName("default").tokenRequest().getStatus().getToken();
    }

    private static void listSecrets(TestCluster cluster, String token) {
        var config = new ConfigBuilder(cluster.client().getConfiguration())
                .withClientCertData(null)
                .withClientKeyData(null)
                .withOauthToken(token)
                .build();
        try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
            client.secrets().inNamespace("default").list();
        }
    }

    private static io.fabric8.kubernetes.api.model.Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("sleep", "600")
                .endContainer()
                .endSpec()
                .build();
    }

    private static ConfigMap put(KubernetesClient client, String name, String value) {
        return client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .endMetadata()
                        .addToData("key", value)
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    private static ConfigMap get(KubernetesClient client) {
        return client.configMaps().inNamespace("default").withName("shared").get();
    }

    private static BlockingQueue<String> watch(KubernetesClient client) {
        var seen = new LinkedBlockingQueue<String>();
        client.configMaps().inNamespace("default").withName("shared").watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                seen.add(map.getData().get("key"));
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed: " + cause);
            }
        });
        return seen;
    }

    static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
