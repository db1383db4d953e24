package dev.sampan.testkit.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SampanCluster
class LogsTest {

    private static final String PODS = """
            apiVersion: v1
            kind: Pod
            metadata: {name: talker, labels: {app: talker}}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
              - {name: first, image: busybox, command: [echo, preparing]}
              containers:
              - {name: one, image: busybox, command: [sh, -c, 'for i in 1 2 3 4 5; do echo line $i; done; sleep 100000']}
              - {name: two, image: busybox, command: [sh, -c, 'echo of two; sleep 100000']}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: again}
            spec:
              containers:
              - {name: main, image: busybox, command: [sh, -c, 'test -f /work/ran && { echo second; sleep 100000; }; touch /work/ran; echo first; exit 1'],
                 volumeMounts: [{name: work, mountPath: /work}]}
              volumes: [{name: work, emptyDir: {}}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: unborn}
            spec:
              containers: [{name: main, image: registry.example.com/none:v1}]
            """;

    private final TestCluster cluster;

    LogsTest(TestCluster cluster) {
        this.cluster = cluster;
    }

    static List<Clients.Client> clients() {
        return Clients.all().stream()
                .filter(client -> client.environment().isEmpty())
                .toList();
    }

    @BeforeAll
    static void startPods(TestCluster cluster) {
        var kubectl = Clients.newest().to(cluster);
        kubectl.runWithInput(PODS, "apply", "-f", "-").orThrow();
        kubectl.run("wait", "pod/talker", "--for=condition=Ready", "--timeout=60s")
                .orThrow();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> kubectl.run("logs", "again").out().equals("second\n"));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void choosesContainersAndLines(Clients.Client client) {
        var kubectl = client.to(cluster);

        assertThat(kubectl.run("logs", "talker", "-c", "one").orThrow())
                .isEqualTo("line 1\nline 2\nline 3\nline 4\nline 5\n");
        assertThat(kubectl.run("logs", "talker", "-c", "one", "--tail=2").orThrow())
                .isEqualTo("line 4\nline 5\n");
        assertThat(kubectl.run("logs", "talker", "-c", "one", "--limit-bytes=9").orThrow())
                .isEqualTo("line 1\nli");
        assertThat(kubectl.run("logs", "talker", "-c", "first").orThrow()).isEqualTo("preparing\n");
        assertThat(kubectl.run("logs", "talker", "--all-containers", "--prefix").orThrow())
                .contains("[pod/talker/first] preparing\n", "[pod/talker/one] line 5\n", "[pod/talker/two] of two\n");
        assertThat(kubectl.run("logs", "-l", "app=talker", "--all-containers", "--tail=1")
                        .orThrow())
                .contains("preparing\n", "line 5\n", "of two\n");
        assertThat(kubectl.run("logs", "talker").err())
                .contains("Defaulted container \"one\" out of: one, two, first (init)");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void knowsWhenALineWasWritten(Clients.Client client) {
        var kubectl = client.to(cluster);

        assertThat(kubectl.run("logs", "talker", "-c", "two", "--timestamps").orThrow())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}(Z|[+-]\\d\\d:\\d\\d) of two\n");
        assertThat(kubectl.run("logs", "talker", "-c", "two", "--since=1h").orThrow())
                .isEqualTo("of two\n");
        assertThat(kubectl.run("logs", "talker", "-c", "two", "--since-time=2990-01-01T00:00:00Z")
                        .orThrow())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void keepsTheRunBefore(Clients.Client client) {
        var kubectl = client.to(cluster);

        assertThat(kubectl.run("logs", "again", "--previous").orThrow()).isEqualTo("first\n");
        assertThat(kubectl.run("logs", "talker", "-c", "one", "-p").err())
                .isEqualTo(
                        "Error from server (BadRequest): previous terminated container \"one\" in pod \"talker\" not found\n");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void followsToTheEnd(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var name = "brief-" + Integer.toHexString(client.toString().hashCode());
        kubectl.run(
                        "run",
                        name,
                        "--image=busybox",
                        "--restart=Never",
                        "--",
                        "sh",
                        "-c",
                        "echo one; sleep 1.5; echo two")
                .orThrow();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> kubectl.run("logs", name).out().startsWith("one\n"));

        assertThat(kubectl.run("logs", "-f", name).orThrow()).isEqualTo("one\ntwo\n");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void saysWhyThereIsNoLog(Clients.Client client) {
        var kubectl = client.to(cluster);

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(kubectl.run("logs", "unborn").err())
                        .startsWith(
                                "Error from server (BadRequest): container \"main\" in pod \"unborn\" is waiting to start: ")
                        .containsAnyOf("image can't be pulled", "trying and failing to pull image"));
        assertThat(kubectl.run("logs", "talker", "-c", "three").err())
                .isEqualTo("error: container three is not valid for pod talker\n");
    }
}
