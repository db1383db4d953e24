package dev.sampan.testkit.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SampanCluster
class AttachTest {

    private final TestCluster cluster;

    AttachTest(TestCluster cluster) {
        this.cluster = cluster;
    }

    static List<Clients.Client> clients() {
        return Clients.all();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void followsWhatAContainerSays(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var name = name("speaker", client);
        kubectl.run(
                        "run",
                        name,
                        "--image=busybox",
                        "--",
                        "sh",
                        "-c",
                        "while true; do echo tick; echo tock >&2; sleep 0.2; done")
                .orThrow();
        kubectl.run("wait", "pod/" + name, "--for=condition=Ready", "--timeout=60s")
                .orThrow();

        var process = kubectl.start("attach", name);

        assertThat(process.inputReader().readLine()).isEqualTo("tick");
        process.destroyForcibly();
        process.waitFor();
        var again = kubectl.start("attach", name);
        assertThat(again.inputReader().readLine()).isEqualTo("tick");
        again.destroyForcibly();
        kubectl.run("delete", "pod", name, "--now").orThrow();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void runsInteractivelyAndCleansUp(Clients.Client client) {
        var kubectl = client.to(cluster);
        var name = name("once", client);

        var result = kubectl.runWithInput(
                "hello\n",
                "run",
                name,
                "-i",
                "--rm",
                "--restart=Never",
                "--image=busybox",
                "--",
                "sh",
                "-c",
                "read x; echo got $x; cat");

        assertThat(result.orThrow()).contains("got hello").contains("pod \"" + name + "\" deleted");
        assertThat(kubectl.run("get", "pod", name).err()).contains("NotFound");
    }

    @ParameterizedTest
    @MethodSource("clients")
    void runsAShellOnATerminal(Clients.Client client) throws Exception {
        var kubectl = client.to(cluster);
        var name = name("shell", client);
        var command = String.join(
                " ", kubectl.commandLine("run", name, "-it", "--rm", "--restart=Never", "--image=busybox", "--", "sh"));

        var result = Kubectl.finish(
                kubectl.start(List.of("script", "-qec", command, "/dev/null")),
                "\necho $((40+2))\nexit 0\n".getBytes(StandardCharsets.UTF_8));

        assertThat(result.out()).contains("42").contains("deleted");
        assertThat(result.exitCode()).isZero();
    }

    private static String name(String what, Clients.Client client) {
        return what + "-" + Integer.toHexString(client.toString().hashCode());
    }
}
