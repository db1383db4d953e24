package dev.sampan.testkit.e2e;

import dev.sampan.app.cluster.JavaLauncher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command line as a person has it: its own process, home and kubeconfig. */
final class Sampan {

    private static final long LIMIT_SECONDS = 150;

    private final Path folder;

    /** @param folder holds the home, the kubeconfig and what commands print */
    Sampan(Path folder) {
        this.folder = folder;
    }

    Path home() {
        return folder.resolve("home");
    }

    Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    /** @param out standard output and error */
    record Result(int exitCode, String out) {
        String orThrow() {
            if (exitCode != 0) {
                throw new AssertionError("sampan ended with " + exitCode + ":\n" + out);
            }
            return out;
        }
    }

    /** The words that start the command line, up to the command. */
    static List<String> program() {
        return JavaLauncher.ofThisProcess().program();
    }

    /** Runs one command to its end. */
    Result run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(program());
        command.addAll(List.of(arguments));
        var output = Files.createTempFile(folder, "output", ".txt");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "SAMPAN_HOME", home().toString(),
                        "KUBECONFIG", kubeconfig().toString(),
                        "SAMPAN_ROOT", projectRoot().toString()));
        var process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("sampan " + String.join(" ", arguments) + " did not end within " + LIMIT_SECONDS
                    + " s; it printed:\n" + Files.readString(output));
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    /** Where {@code examples/} is. */
    static Path projectRoot() {
        var at = Path.of("").toAbsolutePath();
        while (at != null && !Files.isDirectory(at.resolve("examples"))) {
            at = at.getParent();
        }
        if (at == null) {
            throw new AssertionError("no folder above this one has examples/");
        }
        return at;
    }
}
