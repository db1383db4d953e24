package dev.sampan.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.node.image.HostPrograms;
import dev.sampan.node.image.ImageLayout;
import dev.sampan.node.image.ImageStore;
import dev.sampan.node.logs.LogReader;
import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerSpec;
import dev.sampan.node.runtime.ContainerSpec.Limits;
import dev.sampan.node.runtime.ContainerSpec.Mount;
import dev.sampan.node.runtime.ExecSpec;
import dev.sampan.node.runtime.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ProcessRuntimeTest {

    private static final String POD = "0b5a1a5e-3f7e-4c55-9a0f-5c1b7b1d0001";
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path home;

    private ProcessRuntime runtime;

    @BeforeEach
    void start() throws IOException, ContainerFailure {
        runtime = newRuntime();
        Files.writeString(home.resolve("hosts"), "127.0.0.1 localhost\n127.10.9.9 model.default.svc\n");
        runtime.createSandbox(new SandboxSpec(POD, "default", "web", "web", false, home.resolve("hosts")));
    }

    private ProcessRuntime newRuntime() throws IOException {
        var images = new ImageStore(
                new ImageLayout(home.resolve("images")), List.of(), new HostPrograms(System.getenv("PATH")));
        return new ProcessRuntime(ProcessRuntimeConfig.in(home.resolve("pods")), images, InstantSource.system());
    }

    @AfterEach
    void stop() {
        runtime.removeSandbox(POD);
        runtime.close();
    }

    private Path log(String name) {
        return home.resolve("logs").resolve(name + ".log");
    }

    private ContainerSpec spec(String name, Map<String, String> env, List<Mount> mounts, String... command) {
        return new ContainerSpec(
                POD,
                name,
                0,
                "busybox",
                List.of(command),
                List.of(),
                "",
                env,
                mounts,
                Limits.NONE,
                log(name),
                false,
                false,
                false,
                null,
                false);
    }

    private String run(ContainerSpec spec) throws ContainerFailure {
        var id = runtime.create(spec);
        runtime.start(id);
        return id;
    }

    private Container.State state(String name) {
        return runtime.containers(POD).stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private Container.Exited exited(String name) {
        await().atMost(SOON).until(() -> state(name) instanceof Container.Exited);
        return (Container.Exited) state(name);
    }

    private String output(String name) {
        return LogReader.tail(log(name), 1000, 1 << 20);
    }

    @Test
    void runsToTheEndAndKeepsExitCodeAndOutput() throws Exception {
        run(spec("job", Map.of("WHO", "you's"), List.of(), "sh", "-c", "echo hello $WHO; echo oops >&2; exit 3"));

        var exited = exited("job");
        assertThat(exited.exitCode()).isEqualTo(3);
        assertThat(exited.reason()).isEqualTo("Error");
        assertThat(output("job").lines()).containsExactlyInAnyOrder("hello you's", "oops");
        assertThat(Files.readString(log("job"))).containsPattern("(?m)^\\S+Z stderr F oops$");
    }

    @Test
    void theFirstAttachmentHearsWhatAContainerWithInputSaidBefore() throws Exception {
        var id = run(withInput(spec("talker", Map.of(), List.of(), "sh", "-c", "echo early; cat")));
        await().atMost(SOON).until(() -> output("talker").contains("early"));

        try (var first = runtime.attach(id, new ExecSpec(List.of(), true, false));
                var second = runtime.attach(id, new ExecSpec(List.of(), false, false))) {
            try (var input = first.stdin()) {
                input.write("late\n".getBytes(StandardCharsets.UTF_8));
            }

            assertThat(first.stdout().readAllBytes()).asString().isEqualTo("early\nlate\n");
            assertThat(second.stdout().readAllBytes()).asString().isEqualTo("late\n");
        }
        assertThat(exited("talker").exitCode()).isZero();
    }

    private static ContainerSpec withInput(ContainerSpec spec) {
        return new ContainerSpec(
                spec.podUid(),
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.command(),
                spec.args(),
                spec.workingDir(),
                spec.env(),
                spec.mounts(),
                spec.limits(),
                spec.logFile(),
                true,
                true,
                false,
                null,
                false);
    }

    @Test
    void mountsVolumesAtTheirPathsAndHidesThemFromTheHost() throws Exception {
        var volume = Files.createDirectories(home.resolve("volume"));
        Files.writeString(volume.resolve("in"), "data");
        run(spec(
                "vol",
                Map.of(),
                List.of(new Mount(volume, "/models/digits", false), new Mount(volume, "/var/run/secrets/x", true)),
                "sh",
                "-c",
                "cat /models/digits/in /var/run/secrets/x/in; echo out >/models/digits/out;"
                        + " touch /var/run/secrets/x/no || echo read-only; echo mine >/tmp/private; cat /etc/hosts"));

        assertThat(exited("vol").exitCode()).isZero();
        assertThat(output("vol")).contains("datadata").contains("read-only").contains("127.10.9.9 model.default.svc");
        assertThat(volume.resolve("out")).hasContent("out\n");
        assertThat(Path.of("/models/digits")).doesNotExist();
        assertThat(Path.of("/tmp/private")).doesNotExist();
    }

    @Test
    void stopsTheWholeTreeAfterTheGrace() throws Exception {
        var id = run(spec(
                "stubborn",
                Map.of(),
                List.of(),
                "sh",
                "-c",
                "trap 'echo asked' TERM; setsid sleep 1000 & echo started; while true; do sleep 0.1; done"));
        await().atMost(SOON).until(() -> output("stubborn").contains("started"));

        var deadline = Instant.now().plusMillis(700);
        runtime.stop(id, () -> deadline);

        assertThat(Instant.now()).isAfterOrEqualTo(deadline);
        assertThat(exited("stubborn").exitCode()).isEqualTo(137);
        assertThat(output("stubborn")).contains("asked");
        var left = new ProcessTree(new ProcTable(Path.of("/proc")))
                .members(id, 0, Cgroups.none().find(id));
        assertThat(left).isEmpty();
    }

    @Test
    void endsAtOnceWhenTheProgramObeys() throws Exception {
        var id = run(spec("polite", Map.of(), List.of(), "sleep", "1000"));

        var before = Instant.now();
        runtime.stop(id, () -> before.plusSeconds(30));

        assertThat(exited("polite").exitCode()).isEqualTo(143);
        assertThat(Duration.between(before, Instant.now())).isLessThan(SOON);
    }

    @Test
    void execsInTheContainersView() throws Exception {
        var volume = Files.createDirectories(home.resolve("volume"));
        Files.writeString(volume.resolve("in"), "data");
        var id = run(spec(
                "main",
                Map.of("A", "1", "odd.name", "2"),
                List.of(new Mount(volume, "/models", false)),
                "sleep",
                "1000"));

        try (var session =
                runtime.exec(id, new ExecSpec(List.of("sh", "-c", "cat /models/in; cat; exit 7"), true, false))) {
            session.stdin().write(" and input\n".getBytes(StandardCharsets.UTF_8));
            session.stdin().close();
            var out = new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(out).isEqualTo("data and input\n");
            assertThat(session.waitFor()).isEqualTo(7);
        }
        try (var session = runtime.exec(id, new ExecSpec(List.of("env"), false, false))) {
            var out = new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(out.lines()).contains("A=1", "odd.name=2", "HOSTNAME=web");
        }
    }

    @Test
    void givesExecATerminal() throws Exception {
        var id = run(spec("main", Map.of(), List.of(), "sleep", "1000"));

        try (var session = runtime.exec(id, new ExecSpec(List.of("sh", "-c", "tty; stty size"), true, true))) {
            session.resize(101, 33);
            var out = new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(out).contains("/dev/pts/").containsPattern("33 101|0 0");
            assertThat(session.waitFor()).isZero();
        }
    }

    @Test
    void findsRunningAndEndedContainersAgain() throws Exception {
        run(spec("server", Map.of(), List.of(), "sh", "-c", "while true; do echo tick; sleep 0.1; done"));
        run(spec("job", Map.of(), List.of(), "sh", "-c", "sleep 0.5; echo last words; exit 5"));
        await().atMost(SOON).until(() -> output("server").contains("tick"));
        runtime.close();
        var address = runtime.sandbox(POD).orElseThrow().ips();

        runtime = newRuntime();

        assertThat(runtime.sandbox(POD).orElseThrow().ips()).isEqualTo(address);
        assertThat(exited("job").exitCode()).isEqualTo(5);
        assertThat(output("job")).contains("last words");
        assertThat(state("server")).isInstanceOf(Container.Running.class);
        long lines = output("server").lines().count();
        await().atMost(SOON).until(() -> output("server").lines().count() > lines);
        var id = runtime.containers(POD).stream()
                .filter(Container::running)
                .findFirst()
                .orElseThrow()
                .id();
        runtime.stop(id, Instant::now);
        assertThat(exited("server").exitCode()).isGreaterThan(128);
    }

    @Test
    void saysWhatCannotBeRun() throws Exception {
        var id = runtime.create(spec("typo", Map.of(), List.of(), "no-such-program"));

        assertThatThrownBy(() -> runtime.start(id))
                .isInstanceOf(ContainerFailure.class)
                .hasMessageContaining("exec: \"no-such-program\": executable file not found in $PATH");
        assertThat(exited("typo").exitCode()).isEqualTo(128);
        assertThat(exited("typo").reason()).isEqualTo("StartError");
    }

    @Test
    void reportsAProcessKilledFromOutside() throws Exception {
        run(spec("victim", Map.of(), List.of(), "sleep", "1000"));
        var record = new ContainerFiles(home.resolve("pods/" + POD + "/containers/victim/0"))
                .started()
                .orElseThrow();

        ProcessHandle.of(record.pid()).orElseThrow().destroyForcibly();

        assertThat(exited("victim").exitCode()).isEqualTo(137);
    }
}
