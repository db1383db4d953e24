package dev.sampan.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.client.testing.TestApi;
import dev.sampan.node.image.HostPrograms;
import dev.sampan.node.image.ImageLayout;
import dev.sampan.node.image.ImageStore;
import dev.sampan.node.logs.LogReader;
import dev.sampan.node.process.ProcessRuntime;
import dev.sampan.node.process.ProcessRuntimeConfig;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class NodeAgentTest {

    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    Path home;

    private final Timers timers = Timers.system();
    private TestApi api;
    private KubernetesClient client;
    private ProcessRuntime runtime;
    private Informers informers;
    private NodeAgent agent;

    @BeforeEach
    void start() throws Exception {
        api = TestApi.start();
        client = api.admin();
        makeNamespace("kube-node-lease");
        makeNamespace("default");
        if (client.serviceAccounts().inNamespace("default").withName("default").get() == null) {
            client.serviceAccounts()
                    .inNamespace("default")
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("default")
                            .endMetadata()
                            .build())
                    .create();
        }
        startAgent();
    }

    private void makeNamespace(String name) {
        if (client.namespaces().withName(name).get() == null) {
            client.namespaces()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    private void startAgent() throws Exception {
        var images = new ImageStore(
                new ImageLayout(home.resolve("images")), List.of(), new HostPrograms(System.getenv("PATH")));
        runtime = new ProcessRuntime(ProcessRuntimeConfig.in(home.resolve("pods")), images, InstantSource.system());
        informers = Informers.over(client);
        var config = new NodeConfig(
                "sampan",
                home.resolve("pods"),
                home.resolve("logs/pods"),
                "127.0.0.1",
                0,
                java.util.Map.of(),
                "cluster.local");
        agent = new NodeAgent(client, informers, runtime, config, tls(), timers);
        agent.start();
    }

    /** A certificate of the API server's own authority, as the composition root makes it. */
    private SSLContext tls() throws Exception {
        var pki = new PkiDirectory(home.resolve("pki"), InstantSource.system());
        return KeyStores.tls(
                pki.nodeServing("node-1", List.of("127.0.0.1")),
                List.of(pki.clusterCa().certificate()));
    }

    private void stopAgent() {
        agent.close();
        informers.close();
        runtime.close();
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        for (var s : runtime.sandboxes()) {
            runtime.removeSandbox(s.podUid());
        }
        informers.close();
        runtime.close();
        api.close();
    }

    private Pod create(String yaml) {
        var in = new java.io.ByteArrayInputStream(yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return client.pods().inNamespace("default").load(in).create();
    }

    private Pod pod(String name) {
        return client.pods().inNamespace("default").withName(name).get();
    }

    private ContainerStatus status(String name) {
        var statuses = pod(name).getStatus().getContainerStatuses();
        assertThat(statuses).isNotEmpty();
        return statuses.getFirst();
    }

    private String condition(String name, String type) {
        return pod(name).getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }

    private void awaitPhase(String name, String phase) {
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(pod(name).getStatus().getPhase()).isEqualTo(phase));
    }

    private String output(String name, String container, int attempt) {
        var uid = pod(name).getMetadata().getUid();
        return LogReader.tail(
                home.resolve("logs/pods/default_" + name + "_" + uid + "/" + container + "/" + attempt + ".log"),
                1000,
                1 << 20);
    }

    private List<String> reasons(String name) {
        return client.v1().events().inNamespace("default").list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private static String pod(String name, String spec) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  nodeName: sampan
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 2
                %s
                """.formatted(name, spec.indent(2).stripTrailing());
    }

    @Test
    void registersTheNode() {
        var node = client.nodes().withName("sampan").get();

        assertThat(node.getMetadata().getLabels()).containsEntry("kubernetes.io/hostname", "sampan");
        assertThat(node.getStatus().getAllocatable()).containsKeys("cpu", "memory", "pods");
        assertThat(node.getStatus().getConditions())
                .anySatisfy(c -> assertThat(c.getType() + c.getStatus()).isEqualTo("ReadyTrue"));
        await().atMost(SOON)
                .until(() -> client.leases()
                                .inNamespace("kube-node-lease")
                                .withName("sampan")
                                .get()
                        != null);
    }

    @Test
    void runsAPodToReadyAndDeletesIt() {
        var applied = Instant.now();
        create(pod("web", """
                containers:
                - name: main
                  image: busybox:1.36
                  command: [sh, -c, 'echo "I am $POD_IP on $(hostname)"; exec sleep 1000']
                """));

        awaitPhase("web", "Running");
        assertThat(Duration.between(applied, Instant.now())).isLessThan(SOON);
        var status = status("web");
        assertThat(status.getReady()).isTrue();
        assertThat(status.getContainerID()).startsWith("process://");
        assertThat(pod("web").getStatus().getPodIP()).startsWith("127.10.");
        assertThat(condition("web", "Ready")).isEqualTo("True");
        await().atMost(SOON)
                .until(() -> output("web", "main", 0)
                        .equals("I am " + pod("web").getStatus().getPodIP() + " on web\n"));
        await().atMost(SOON).untilAsserted(() -> assertThat(reasons("web")).contains("Pulled", "Created", "Started"));
        var uid = pod("web").getMetadata().getUid();

        client.pods().inNamespace("default").withName("web").delete();

        await().atMost(SOON).until(() -> pod("web") == null);
        await().atMost(SOON).until(() -> !home.resolve("pods/" + uid).toFile().exists());
        assertThat(runtime.containers(uid)).isEmpty();
    }

    @Test
    void restartsWhatFailsWithBackOff() {
        create(pod("crash", """
                containers:
                - name: main
                  image: busybox:1.36
                  command: [sh, -c, 'echo last words >/dev/termination-log; exit 3']
                """));

        await().atMost(SOON).untilAsserted(() -> {
            var status = status("crash");
            assertThat(status.getState().getWaiting()).isNotNull();
            assertThat(status.getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
            assertThat(status.getRestartCount()).isEqualTo(1);
            assertThat(status.getLastState().getTerminated().getExitCode()).isEqualTo(3);
            assertThat(status.getLastState().getTerminated().getMessage()).isEqualTo("last words\n");
        });
        assertThat(pod("crash").getStatus().getPhase()).isEqualTo("Running");
        await().atMost(SOON).until(() -> reasons("crash").contains("BackOff"));
    }

    @Test
    void runsInitContainersThenSucceeds() {
        create(pod("job", """
                restartPolicy: Never
                initContainers:
                - {name: one, image: busybox, command: [sh, -c, 'echo 1 >>/work/order']}
                - {name: two, image: busybox, command: [sh, -c, 'echo 2 >>/work/order'], volumeMounts: [{name: work, mountPath: /work}]}
                containers:
                - {name: main, image: busybox, command: [cat, /work/order], volumeMounts: [{name: work, mountPath: /work}]}
                volumes: [{name: work, emptyDir: {}}]
                """.replace(
                "order']}\n- {name: two", "order'], volumeMounts: [{name: work, mountPath: /work}]}\n- {name: two")));

        awaitPhase("job", "Succeeded");
        assertThat(output("job", "main", 0)).isEqualTo("1\n2\n");
        assertThat(condition("job", "Initialized")).isEqualTo("True");
        assertThat(pod("job").getStatus().getInitContainerStatuses())
                .allSatisfy(s -> assertThat(s.getReady()).isTrue());
        assertThat(status("job").getState().getTerminated().getReason()).isEqualTo("Completed");
    }

    @Test
    void mountsConfigAndFollowsItsChanges() {
        client.configMaps()
                .inNamespace("default")
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("settings")
                        .endMetadata()
                        .addToData("mode", "fast")
                        .build())
                .create();
        create(pod("conf", """
                containers:
                - name: main
                  image: busybox
                  command: [sh, -c, 'echo $(MODE) $MODE $FROM_mode; while true; do cat /etc/settings/mode; echo; sleep 0.2; done']
                  env:
                  - {name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}
                  envFrom: [{prefix: FROM_, configMapRef: {name: settings}}]
                  volumeMounts: [{name: settings, mountPath: /etc/settings}]
                volumes: [{name: settings, configMap: {name: settings}}]
                """));
        awaitPhase("conf", "Running");
        await().atMost(SOON).until(() -> output("conf", "main", 0).startsWith("fast fast fast\nfast\n"));

        client.configMaps().inNamespace("default").withName("settings").edit(m -> {
            m.getData().put("mode", "slow");
            return m;
        });

        await().atMost(Duration.ofSeconds(20))
                .until(() -> output("conf", "main", 0).contains("slow"));
    }

    @Test
    void saysWhatIsMissing() {
        create(pod("noimage", """
                containers: [{name: main, image: registry.example.com/none:v1}]
                """));
        create(pod("noconfig", """
                containers: [{name: main, image: busybox:1, command: [sleep, '9'], envFrom: [{configMapRef: {name: absent}}]}]
                """));

        await().atMost(SOON).untilAsserted(() -> {
            var waiting = status("noimage").getState().getWaiting();
            assertThat(waiting.getReason()).isEqualTo("ImagePullBackOff");
            assertThat(waiting.getMessage()).contains("sampan image build -t registry.example.com/none:v1");
            assertThat(status("noconfig").getState().getWaiting().getReason()).isEqualTo("CreateContainerConfigError");
            assertThat(status("noconfig").getState().getWaiting().getMessage())
                    .isEqualTo("configmap \"absent\" not found");
        });
        assertThat(pod("noimage").getStatus().getPhase()).isEqualTo("Pending");
        await().atMost(SOON).until(() -> reasons("noimage").contains("BackOff"));
    }

    @Test
    void aProgramThatCannotStartHasEndedWith128() {
        create(pod("once", """
                restartPolicy: Never
                containers: [{name: main, image: busybox, command: [/no/such/program]}]
                """));
        create(pod("ever", """
                containers: [{name: main, image: busybox, command: [/no/such/program]}]
                """));

        awaitPhase("once", "Failed");
        var ended = status("once").getState().getTerminated();
        assertThat(ended.getExitCode()).isEqualTo(128);
        assertThat(ended.getReason()).isEqualTo("StartError");
        assertThat(ended.getMessage()).contains("stat /no/such/program: no such file or directory");
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(status("ever").getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
            assertThat(status("ever").getLastState().getTerminated().getReason())
                    .isEqualTo("StartError");
            assertThat(status("ever").getRestartCount()).isEqualTo(1);
        });
        assertThat(reasons("ever")).contains("Failed", "BackOff");
    }

    @Test
    void probesDecideOnReadinessAndRestarts() {
        create(pod("probed", """
                containers:
                - name: main
                  image: busybox
                  command: [sh, -c, 'touch /tmp/alive; sleep 1000']
                  readinessProbe: {exec: {command: [test, -f, /tmp/ready]}, periodSeconds: 1}
                  livenessProbe: {exec: {command: [test, -f, /tmp/alive]}, periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1}
                """));
        awaitPhase("probed", "Running");
        assertThat(status("probed").getReady()).isFalse();
        var id = status("probed").getContainerID().substring("process://".length());

        run(id, "touch", "/tmp/ready");
        await().atMost(SOON).until(() -> status("probed").getReady());

        run(id, "rm", "/tmp/alive");
        await().atMost(SOON).until(() -> status("probed").getRestartCount() == 1);
        await().atMost(SOON).until(() -> reasons("probed").containsAll(List.of("Unhealthy", "Killing")));
    }

    private void run(String id, String... command) {
        try (var session = runtime.exec(id, new dev.sampan.node.runtime.ExecSpec(List.of(command), false, false))) {
            assertThat(session.waitFor()).isZero();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void comesBackToItsPods() throws Exception {
        create(pod("steady", """
                containers: [{name: main, image: busybox, command: [sleep, '1000']}]
                """));
        awaitPhase("steady", "Running");
        var before = status("steady");

        stopAgent();
        startAgent();

        await().during(Duration.ofSeconds(1)).atMost(SOON).untilAsserted(() -> {
            assertThat(status("steady").getContainerID()).isEqualTo(before.getContainerID());
            assertThat(status("steady").getRestartCount()).isZero();
            assertThat(pod("steady").getStatus().getPhase()).isEqualTo("Running");
        });
    }

    @Test
    void failsAPodThatTakesTooLong() {
        create(pod("late", """
                activeDeadlineSeconds: 1
                containers: [{name: main, image: busybox, command: [sleep, '1000']}]
                """));

        awaitPhase("late", "Failed");
        assertThat(pod("late").getStatus().getReason()).isEqualTo("DeadlineExceeded");
        assertThat(status("late").getState().getTerminated()).isNotNull();
    }
}
