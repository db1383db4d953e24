package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fabric8 client as Java programs have it: default configuration, from a kubeconfig, over TLS. */
@SampanCluster
@Timeout(90)
class Fabric8ClientTest {

    private static final Logger LOG = LoggerFactory.getLogger(Fabric8ClientTest.class);
    private static final Duration SOON = Duration.ofSeconds(20);

    private final KubernetesClient client;
    private String namespace = "";

    Fabric8ClientTest(TestCluster cluster) throws IOException {
        var config = Config.fromKubeconfig(Files.readString(cluster.kubeconfig()));
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @BeforeEach
    void makeNamespace(TestInfo test) {
        namespace = test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private ConfigMap configMap(String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(Map.of("app", "test"))
                .endMetadata()
                .withData(Map.of("key", value))
                .build();
    }

    @Test
    void createsReadsChangesAndDeletes() {
        var created = client.resource(configMap("one", "a")).create();
        assertThat(created.getMetadata().getUid()).isNotEmpty();
        assertThatThrownBy(() -> client.resource(configMap("one", "b")).create())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getStatus().getReason()).isEqualTo("AlreadyExists");
                });

        var maps = client.configMaps().inNamespace(namespace);
        var edited = maps.withName("one")
                .edit(map -> new ConfigMapBuilder(map).addToData("more", "c").build());
        assertThat(edited.getData()).containsEntry("key", "a").containsEntry("more", "c");
        assertThatThrownBy(() -> client.resource(created).lockResourceVersion().update())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        maps.withName("one").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\": {\"more\": null}}");
        assertThat(maps.withName("one").get().getData()).containsOnlyKeys("key");
        assertThat(maps.withLabel("app", "test").list().getItems()).hasSize(1);
        assertThat(maps.withLabel("app", "other").list().getItems()).isEmpty();
        maps.withName("one").delete();
        assertThat(maps.withName("one").get()).isNull();
    }

    @Test
    void listsInPages() {
        for (int i = 0; i < 5; i++) {
            client.resource(configMap("map-" + i, "v")).create();
        }
        var maps = client.configMaps().inNamespace(namespace).withLabel("app", "test");
        var first = maps.list(new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                .withLimit(2L)
                .build());
        assertThat(first.getItems()).hasSize(2);
        assertThat(first.getMetadata().getRemainingItemCount()).isNull(); // a selector's remainder is not counted
        var rest = maps.list(new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                .withContinue(first.getMetadata().getContinue())
                .build());
        assertThat(rest.getItems())
                .extracting(m -> m.getMetadata().getName())
                .containsExactly("map-2", "map-3", "map-4");
    }

    @Test
    void appliesOnTheServer() {
        var ours = configMap("shared", "ours");
        client.resource(ours).fieldManager("first").serverSideApply();
        assertThatThrownBy(() -> client.resource(configMap("shared", "theirs"))
                        .fieldManager("second")
                        .serverSideApply())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getMessage()).contains("conflict with \"first\"");
                });
        var forced = client.resource(configMap("shared", "theirs"))
                .fieldManager("second")
                .forceConflicts()
                .serverSideApply();
        assertThat(forced.getData()).containsEntry("key", "theirs");
        assertThat(forced.getMetadata().getManagedFields())
                .extracting(io.fabric8.kubernetes.api.model.ManagedFieldsEntry::getManager)
                .contains("first", "second");
    }

    @Test
    void watchesFromARevision() throws Exception {
        var start = client.resource(configMap("before", "a")).create();
        var seen = new ConcurrentLinkedQueue<String>();
        var closed = new CountDownLatch(1);
        var options = new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                .withResourceVersion(start.getMetadata().getResourceVersion())
                .build();
        try (var watch = client.configMaps()
                .inNamespace(namespace)
                .withLabel("app", "test")
                .watch(options, new Recorder(seen, closed))) {
            assertThat(watch).isNotNull();
            client.resource(configMap("after", "b")).create();
            client.resource(configMap("after", "c")).update();
            client.configMaps().inNamespace(namespace).withName("after").delete();
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(seen).containsExactly("ADDED after b", "MODIFIED after c", "DELETED after c"));
        }
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private record Recorder(ConcurrentLinkedQueue<String> seen, CountDownLatch closed) implements Watcher<ConfigMap> {
        @Override
        public void eventReceived(Action action, ConfigMap map) {
            seen.add(action + " " + map.getMetadata().getName() + " "
                    + map.getData().get("key"));
        }

        @Override
        public void onClose() {
            closed.countDown();
        }

        @Override
        public void onClose(WatcherException cause) {
            LOG.warn("the watch was closed", cause);
        }
    }

    @Test
    void keepsAnInformersCacheCurrent() {
        client.resource(configMap("early", "a")).create();
        var added = new CopyOnWriteArrayList<String>();
        var deleted = new CopyOnWriteArrayList<String>();
        try (var informer = client.configMaps()
                .inNamespace(namespace)
                .withLabel("app", "test")
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(ConfigMap map) {
                        added.add(map.getMetadata().getName());
                    }

                    @Override
                    public void onUpdate(ConfigMap before, ConfigMap after) {}

                    @Override
                    public void onDelete(ConfigMap map, boolean stateUnknown) {
                        deleted.add(map.getMetadata().getName());
                    }
                })) {
            await().atMost(SOON).until(informer::hasSynced);
            client.resource(configMap("late", "b")).create();
            client.resource(configMap("early", "changed")).update();
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(added).containsExactly("early", "late");
                var cached = informer.getStore().getByKey(namespace + "/early");
                assertThat(cached.getData()).containsEntry("key", "changed");
            });
            client.configMaps().inNamespace(namespace).withName("early").delete();
            await().atMost(SOON).untilAsserted(() -> assertThat(deleted).containsExactly("early"));
            assertThat(informer.getStore().list()).hasSize(1);
        }
    }

    private Pod pod(String... command) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(0L)
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("c")
                .withImage("busybox")
                .withCommand(command)
                .endContainer()
                .endSpec()
                .build();
    }

    @Test
    void readsLogsAndRunsCommandsInPods() throws Exception {
        client.resource(pod("sh", "-c", "echo hello; sleep 600")).create();
        var p = client.pods().inNamespace(namespace).withName("p");
        p.waitUntilReady(30, TimeUnit.SECONDS);

        await().atMost(SOON).untilAsserted(() -> assertThat(p.getLog()).isEqualTo("hello\n"));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (var exec = p.writingOutput(out).writingError(err).exec("sh", "-c", "echo out; echo err >&2; exit 4")) {
            assertThat(exec.exitCode().get(20, TimeUnit.SECONDS)).isEqualTo(4);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("out\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("err\n");
        p.delete();
        p.waitUntilCondition(gone -> gone == null, 30, TimeUnit.SECONDS);
    }

    @Test
    void forwardsAPort() throws Exception {
        client.resource(pod(
                        "sh",
                        "-c",
                        "exec '%s/bin/java' -m jdk.httpserver -b $POD_IP -p 7070"
                                .formatted(System.getProperty("java.home"))))
                .create();
        var p = client.pods().inNamespace(namespace).withName("p");
        p.waitUntilReady(30, TimeUnit.SECONDS);
        try (var forward = p.portForward(7070);
                var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + forward.getLocalPort() + "/"))
                    .build();
            // The client closes a connection that is refused inside the pod: the server there takes its time to start.
            var answer = await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> http.send(request, HttpResponse.BodyHandlers.ofString()), a -> a.statusCode() == 200);

            assertThat(answer.body()).contains("Directory listing");
        }
    }

    @Test
    void waitsForAPodsEnd() {
        client.resource(pod("sh", "-c", "exit 7")).create();

        var ended = client.pods()
                .inNamespace(namespace)
                .withName("p")
                .waitUntilCondition(
                        p -> p != null
                                && p.getStatus() != null
                                && "Failed".equals(p.getStatus().getPhase()),
                        30,
                        TimeUnit.SECONDS);

        assertThat(ended.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getTerminated()
                        .getExitCode())
                .isEqualTo(7);
    }

    @Test
    void electsOneLeaderAtATime() {
        var leaders = new CopyOnWriteArrayList<String>();
        var first = elector("first", leaders).start();
        await().atMost(SOON).until(() -> leaders.contains("first"));
        var second = elector("second", leaders).start();
        assertThat(leaders).containsExactly("first");

        first.cancel(true);

        await().atMost(SOON).untilAsserted(() -> assertThat(leaders).containsExactly("first", "second"));
        var lease = client.leases().inNamespace(namespace).withName("lock").get();
        assertThat(lease.getSpec().getHolderIdentity()).isEqualTo("second");
        second.cancel(true);
    }

    private io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector elector(
            String identity, List<String> leaders) {
        return client.leaderElector()
                .withConfig(new LeaderElectionConfigBuilder()
                        .withName("test")
                        .withLock(new LeaseLock(namespace, "lock", identity))
                        .withLeaseDuration(Duration.ofSeconds(3))
                        .withRenewDeadline(Duration.ofSeconds(2))
                        .withRetryPeriod(Duration.ofMillis(300))
                        .withReleaseOnCancel()
                        .withLeaderCallbacks(new LeaderCallbacks(() -> leaders.add(identity), () -> {}, id -> {}))
                        .build())
                .build();
    }

    @Test
    void handlesCustomObjectsWithoutAModel() {
        var job = client.genericKubernetesResources("kubeflow.org/v1", "TFJob").inNamespace(namespace);
        assertThat(job.list().getItems()).isEmpty();
        assertThatThrownBy(() -> job.load(new java.io.ByteArrayInputStream(
                                "{\"apiVersion\": \"kubeflow.org/v1\", \"kind\": \"TFJob\", \"metadata\": {\"name\": \"j\"}, \"spec\": {}}"
                                        .getBytes(StandardCharsets.UTF_8)))
                        .create())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(422);
                    assertThat(e.getStatus().getDetails().getCauses().getFirst().getField())
                            .isEqualTo("spec.tfReplicaSpecs");
                });
    }
}
