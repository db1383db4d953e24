package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.testkit.Kubectl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Every command in an example's README works, one after the other, as somebody would type them. */
class ExamplesTest {

    private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final long LIMIT_SECONDS = 240;

    @TempDir
    Path folder;

    static List<Path> examples() throws IOException {
        try (var folders = Files.list(Sampan.projectRoot().resolve("examples"))) {
            return folders.filter(f -> Files.exists(f.resolve("README.md")))
                    .sorted()
                    .toList();
        }
    }

    @AfterEach
    void stop() throws Exception {
        new Sampan(folder).run("down");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void runsAsItIsWritten(Path example) throws Exception {
        var kubectl = Kubectl.find();
        assumeThat(kubectl).as("kubectl on the PATH").isNotEmpty();
        var sampan = new Sampan(folder);
        sampan.run("up", "--api-port", "0", "--ingress-port", "0", "--ingress-tls-port", "0", "--node-port", "0")
                .orThrow();
        var ports = JsonMapper.builder()
                .build()
                .readTree(Files.readAllBytes(sampan.home().resolve("settings.json")));
        var output = folder.resolve("output.txt");
        var script = commands(example)
                .replace("127.0.0.1:8080", "127.0.0.1:" + ports.path("ingress").asInt())
                .replace("/tmp/", folder.resolve("tmp") + "/");

        var builder = new ProcessBuilder("bash", "-exuo", "pipefail", "-c", script)
                .directory(projectFolder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("SAMPAN_HOME", sampan.home().toString());
        builder.environment().put("KUBECONFIG", sampan.kubeconfig().toString());
        var process = builder.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).as("ends in time:\n" + Files.readString(output)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        assertThat(output).content().contains(" right\n"); // both examples ask their model for digits
    }

    private static String commands(Path example) throws IOException {
        return SHELL.matcher(Files.readString(example.resolve("README.md")))
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining());
    }

    /** A folder that looks like a checkout: the examples, and a launcher of what is being tested. */
    private Path projectFolder() throws IOException {
        var project = Files.createDirectories(folder.resolve("project"));
        Files.createSymbolicLink(
                project.resolve("examples"), Sampan.projectRoot().resolve("examples"));
        var words = Sampan.program().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        var launcher = Files.writeString(project.resolve("sampan"), "#!/bin/sh\nexec " + words + " \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return project;
    }
}
