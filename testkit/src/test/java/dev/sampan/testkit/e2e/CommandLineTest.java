package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.ServerProcess;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.testkit.Kubectl;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line on its own: what it does, and what it says to mistakes. */
class CommandLineTest {

    @TempDir
    Path folder;

    @AfterEach
    void stop() throws Exception {
        if (Files.exists(sampan().home())) {
            sampan().run("down");
        }
    }

    private Sampan sampan() {
        return new Sampan(folder);
    }

    private static String[] freePorts(int api) {
        return new String[] {
            "up",
            "--api-port",
            String.valueOf(api),
            "--ingress-port",
            "0",
            "--ingress-tls-port",
            "0",
            "--node-port",
            "0"
        };
    }

    @Test
    void enginesAreInTheHomeThatIsNamedAndNotInTheUsualFolder() throws Exception {
        // As the launcher and the server start their programs: the usual folder is among their properties.
        assertThat(Sampan.program()).anyMatch(word -> word.startsWith("-D" + EngineOptions.FOLDER_PROPERTY + "="));
        assertThat(sampan().run("engine", "list").orThrow()).containsPattern("tensorflow +not installed");
        var folder = sampan().home().resolve("engines/tensorflow");
        Files.createFile(Files.createDirectories(folder).resolve("libtensorflow_cc.so.2"));
        assertThat(sampan().run("engine", "list").orThrow()).containsPattern("tensorflow +in " + folder);
        assertThat(sampan().run("engine", "install", "tensorflow").orThrow())
                .isEqualTo("TensorFlow is in " + folder + " already.\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "convert",
                "evaluate",
                "serve",
                "predict",
                "image",
                "up",
                "kubeconfig",
                "delete",
                "compact"
            })
    void helpShowsAnExample(String command) throws Exception {
        assertThat(sampan().run(command, "--help").orThrow())
                .startsWith("Usage: sampan " + command)
                .containsPattern("Example: +sampan " + command + "|Example: +.*sampan " + command);
    }

    @Test
    void trainsConvertsEvaluatesAndPackagesWithoutACluster() throws Exception {
        var sampan = sampan();
        sampan.run("train", "--data", "digits", "--epochs", "15", "--out", "trained")
                .orThrow();
        assertThat(sampan.run("convert", "--in", "trained", "--out", "models/digits/1/model.onnx")
                        .orThrow())
                .contains("largest difference to the trainer's predictions");
        assertThat(sampan.run("evaluate", "--model", "models/digits", "--data", "digits", "--min-accuracy", "0.9")
                        .exitCode())
                .isZero();
        assertThat(sampan.run("evaluate", "--model", "models/digits", "--data", "digits", "--min-accuracy", "0.9999")
                        .exitCode())
                .isEqualTo(1);
        assertThat(sampan.run("image", "build", "-t", "example.com/digits:v1", "--model", "models/digits")
                        .orThrow())
                .contains("Built example.com/digits:v1");
        assertThat(sampan.run("image", "ls").orThrow()).contains("example.com/digits:v1", "tensorflow/serving");
        sampan.run("image", "save", "-o", "digits.tar", "example.com/digits:v1").orThrow();
        assertThat(sampan.run("image", "rm", "example.com/digits:v1").orThrow()).contains("Removed");
        assertThat(sampan.run("image", "load", "digits.tar").orThrow()).isEqualTo("Loaded example.com/digits:v1\n");
        assertThat(sampan.run("image", "rm", "tensorflow/serving").out()).contains("is built in");
    }

    @Test
    void saysWhatIsWrongWithABuild() throws Exception {
        var sampan = sampan();
        Files.writeString(folder.resolve("Dockerfile"), "FROM sampan/model-server\nRUN pip install numpy\n");
        assertThat(sampan.run("image", "build", "-t", "x", ".")).satisfies(result -> {
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.out())
                    .startsWith("./Dockerfile:2: RUN is not supported")
                    .contains("sampan image load");
        });
        assertThat(sampan.run("image", "build", "-t", "x").out()).contains("Say which folder to package");
        assertThat(sampan.run("image", "build", "-t", "UPPER", ".").out()).contains("is not a valid image name");
        assertThat(sampan.run("image", "build", "-t", "x", "--model", "nowhere").out())
                .contains("there is no such folder or ONNX file");
        assertThat(sampan.run("image", "build", "-t", "x", "--model", ".", "--port", "0")
                        .out())
                .contains("a port is a number from 1 to 65535");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (var taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));

            var up = sampan().run(freePorts(taken.getLocalPort()));

            assertThat(up.exitCode()).isEqualTo(1);
            assertThat(up.out())
                    .startsWith("--api-port " + taken.getLocalPort() + ": the port is taken")
                    .doesNotContain("\tat ");
            assertThat(sampan().run("status").exitCode()).isEqualTo(7);
        }
    }

    @Test
    void aSecondUpFindsTheFirstAndAnotherServerIsRefused() throws Exception {
        var sampan = sampan();
        assertThat(sampan.run(freePorts(0)).orThrow())
                .contains("Cluster ready in")
                .contains("kubectl context 'sampan'");
        assertThat(sampan.run("status").orThrow()).contains("server: Running", "node sampan: Ready");
        assertThat(sampan.run("up").orThrow()).startsWith("Already running (pid ");
        var second = sampan.run("server");
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.out())
                .contains("A cluster runs in " + sampan.home() + " already")
                .doesNotContain("\tat ");
        assertThat(sampan.run("kubeconfig").orThrow()).contains("current-context: sampan");
        assertThat(sampan.run("logs").orThrow()).contains("cluster ready after");

        var address = Files.readString(sampan.home().resolve("settings.json"));
        assertThat(sampan.run("down").orThrow()).isEqualTo("Stopped.\n");
        assertThat(sampan.run("down").orThrow()).startsWith("No cluster runs in");
        assertThat(sampan.run("status").exitCode()).isEqualTo(7);
        sampan.run("up").orThrow();
        assertThat(sampan.home().resolve("settings.json")).hasContent(address);
    }

    @Test
    void theApiServersFlagsStayWithTheCluster() throws Exception {
        var sampan = sampan();
        Files.writeString(folder.resolve("tokens.csv"), "t0ken,ann,1,\"system:masters\"\n");
        Files.writeString(
                folder.resolve("policy.yaml"),
                "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}\n");
        assertThat(sampan.run("up", "--audit-log-path", "audit.log").out())
                .contains("--audit-policy-file and --audit-log-path must be named together");
        assertThat(sampan.run("up", "--token-auth-file", "absent.csv").out())
                .contains("absent.csv cannot be read")
                .doesNotContain("\tat ");
        assertThat(sampan.run("up", "--max-requests-inflight", "many").out())
                .contains("--max-requests-inflight many: it is a number, 0 or greater");
        assertThat(sampan.run("up", "--such-a-flag").out()).contains("--such-a-flag", "sampan up --help");

        sampan.run(
                        "up",
                        "--token-auth-file=tokens.csv",
                        "--audit-policy-file=policy.yaml",
                        "--audit-log-path=audit.log")
                .orThrow();
        assertThat(sampan.run("up", "--audit-log-path=").out()).contains("--audit-log-path: not applied");
        sampan.run("down").orThrow();
        sampan.run("up", "--audit-log-path=", "--audit-policy-file=").orThrow();

        assertThat(Files.readString(folder.resolve("audit.log"))).contains("\"kind\":\"Event\"");
        assertThat(sampan.home().resolve("flags.json"))
                .hasContent("{\"--token-auth-file\":\"" + folder.resolve("tokens.csv") + "\"}");
    }

    @Test
    void deletesAClusterWithWhatItsKilledServerLeft() throws Exception {
        var sampan = sampan();
        assumeThat(Kubectl.find()).as("kubectl on the PATH").isNotEmpty();
        sampan.run(freePorts(0)).orThrow();
        Files.writeString(sampan.home().resolve("notes.txt"), "mine");
        var kubectl = Kubectl.of(Kubectl.find("1.33").getFirst(), sampan.kubeconfig());
        var marker = "54321." + ProcessHandle.current().pid();
        kubectl.run("run", "left", "--image=busybox", "--", "sleep", marker).orThrow();
        kubectl.run("wait", "pod/left", "--for=condition=Ready", "--timeout=60s")
                .orThrow();
        new ServerProcess(new Home(sampan.home()), JavaLauncher.ofThisProcess()).kill();
        assertThat(sleeps(marker)).isTrue();

        assertThat(sampan.run("delete").orThrow()).isEqualTo("Deleted the cluster in " + sampan.home() + ".\n");

        assertThat(sleeps(marker)).isFalse();
        assertThat(sampan.home()).isDirectoryContaining("glob:**/notes.txt").isDirectoryNotContaining("glob:**/p*");
        assertThat(sampan.kubeconfig()).content().doesNotContain("sampan");
        assertThat(sampan.run("delete").out()).isEqualTo("There is no cluster in " + sampan.home() + ".\n");
    }

    private static boolean sleeps(String marker) {
        return ProcessHandle.allProcesses()
                .anyMatch(p -> p.info().commandLine().orElse("").endsWith("sleep " + marker));
    }

    @Test
    void compactsTheStoreOfAClusterThatRunsOrNot() throws Exception {
        var sampan = sampan();
        assertThat(sampan.run("compact").out()).startsWith("There is no cluster in " + sampan.home());
        sampan.run(freePorts(0)).orThrow();
        assertThat(sampan.run("compact").orThrow())
                .containsPattern("Forgot history from revision 1 to \\d+ \\(latest \\d+\\)")
                .containsPattern("On disk: \\S+ [KM]iB before, \\S+ [KM]iB after");
        var ahead = sampan.run("compact", "--revision", "1000000");
        assertThat(ahead.exitCode()).isEqualTo(2);
        assertThat(ahead.out())
                .containsPattern("--revision 1000000 lies ahead: the latest is \\d+; name that or an earlier one");
        sampan.run("down").orThrow();
        assertThat(sampan.run("compact").orThrow()).contains("On disk: ");
        assertThat(sampan.run("compact", "--revision", "1").orThrow()).contains("was forgotten already");
        assertThat(sampan.run("compact", "--revision", "0").out())
                .contains("--revision 0: it is a number, 1 or greater");
        assertThat(sampan.run("up").orThrow()).contains("Cluster ready in");
    }

    @Test
    void aDamagedOrUnusableHomeIsNamed() throws Exception {
        var sampan = sampan();
        assertThat(sampan.run("up", "--home", "/dev/null/x").out()).startsWith("Cannot use /dev/null/x");
        Files.createDirectories(sampan.home());
        Files.writeString(sampan.home().resolve("settings.json"), "{bad");
        var up = sampan.run("up");
        assertThat(up.exitCode()).isEqualTo(1);
        assertThat(up.out()).startsWith("Cannot use " + sampan.home().resolve("settings.json") + ": it is damaged");
    }
}
