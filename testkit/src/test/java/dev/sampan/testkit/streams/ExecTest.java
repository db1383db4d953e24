package dev.sampan.testkit.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SampanCluster
class ExecTest {

    private static final int LARGE = 10 << 20;

    @TempDir
    Path folder;

    private final TestCluster cluster;

    ExecTest(TestCluster cluster) {
        this.cluster = cluster;
    }

    static List<Clients.Client> clients() {
        return Clients.all();
    }

    @BeforeAll
    static void startPod(TestCluster cluster) {
        var kubectl = Clients.newest().to(cluster);
        kubectl.run("run", "box", "--image=busybox", "--", "sleep", "100000").orThrow();
        kubectl.run("wait", "pod/box", "--for=condition=Ready", "--timeout=60s").orThrow();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void runsACommandWithBothOutputs(Clients.Client client) {
        var result = client.to(cluster).run("exec", "box", "--", "sh", "-c", "echo out; echo err >&2");

        assertThat(result).isEqualTo(new Kubectl.Result(0, "out\n", "err\n"));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void tellsTheExitCode(Clients.Client client) {
        var result = client.to(cluster).run("exec", "box", "--", "sh", "-c", "exit 3");

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).isEqualTo("command terminated with exit code 3\n");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void endsTheInputWithTheClients(Clients.Client client) {
        assertThat(client.to(cluster)
                        .runWithInput("one\ntwo\n", "exec", "-i", "box", "--", "wc", "-l")
                        .orThrow()
                        .strip())
                .isEqualTo("2");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void carriesLargeDataBothWaysIntact(Clients.Client client) throws Exception {
        var data = new byte[LARGE];
        new Random(7).nextBytes(data);
        var got = folder.resolve("got");
        var sent = Files.write(folder.resolve("sent"), data);
        var command = client.to(cluster).commandLine("exec", "-i", "box", "--", "cat");

        var process = new ProcessBuilder(command)
                .redirectInput(sent.toFile())
                .redirectOutput(got.toFile())
                .start();

        assertThat(process.waitFor(Duration.ofMinutes(1))).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(Files.mismatch(sent, got)).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("clients")
    void doesNotWaitForInputThatTheCommandLeaves(Clients.Client client) {
        var result = client.to(cluster).runWithInput("x".repeat(1 << 22), "exec", "-i", "box", "--", "head", "-c", "3");

        assertThat(result.out()).isEqualTo("xxx");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void givesATerminalOfTheUsersSize(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var command = String.join(
                " ",
                kubectl.commandLine("exec", "-it", "box", "--", "sh", "-c", "'sleep 0.5; stty size; tty; exit 4'"));

        var result = Kubectl.finish(
                kubectl.start(List.of("script", "-qec", "stty rows 33 cols 77; " + command, "/dev/null")), new byte[0]);

        assertThat(result.out()).contains("33 77\r\n").contains("/dev/pts/");
        assertThat(result.exitCode()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("clients")
    void typesIntoAShell(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var command = String.join(" ", kubectl.commandLine("exec", "-it", "box", "--", "sh"));

        var result = Kubectl.finish(
                kubectl.start(List.of("script", "-qec", command, "/dev/null")),
                "echo $((40+2))\nexit 5\n".getBytes(StandardCharsets.UTF_8));

        assertThat(result.out()).contains("42");
        assertThat(result.exitCode()).isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("clients")
    void saysWhatIsNotThere(Clients.Client client) {
        var kubectl = client.to(cluster);

        assertThat(kubectl.run("exec", "none", "--", "true").err())
                .contains("Error from server (NotFound): pods \"none\" not found");
        assertThat(kubectl.run("exec", "box", "-c", "other", "--", "true").err())
                .contains("container other is not valid for pod box");
        var unknown = kubectl.run("exec", "box", "--", "no-such-program");
        assertThat(unknown.exitCode()).isEqualTo(127);
        assertThat(unknown.err()).contains("no-such-program");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void endsACommandWhoseClientVanishes(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var marker = "98765." + Math.abs(client.toString().hashCode());
        var process = kubectl.start("exec", "-i", "box", "--", "sh", "-c", "echo here; sleep " + marker);
        assertThat(process.inputReader().readLine()).isEqualTo("here");
        assertThat(sleeping(marker)).isTrue();

        process.destroyForcibly();

        await().atMost(Duration.ofSeconds(15)).until(() -> !sleeping(marker));
    }

    private static boolean sleeping(String marker) {
        return ProcessHandle.allProcesses()
                .anyMatch(p -> p.info().commandLine().orElse("").endsWith("sleep " + marker));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void copiesBothWays(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var data = new byte[300_000];
        new Random(3).nextBytes(data);
        var sent = Files.write(folder.resolve("sent.bin"), data);

        kubectl.run("cp", sent.toString(), "box:/tmp/copied.bin").orThrow();
        kubectl.run("cp", "box:/tmp/copied.bin", folder.resolve("back.bin").toString())
                .orThrow();

        assertThat(folder.resolve("back.bin")).hasSameBinaryContentAs(sent);
        kubectl.run("exec", "box", "--", "rm", "/tmp/copied.bin").orThrow();
    }
}
