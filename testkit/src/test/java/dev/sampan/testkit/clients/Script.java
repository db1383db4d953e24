package dev.sampan.testkit.clients;

import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A program of another language, run to its end. */
final class Script {

    private Script() {}

    /**
     * What it came to.
     *
     * @param exitCode the process'
     * @param output both outputs, interleaved
     */
    record Run(int exitCode, String output) {}

    /** Copies resources that stand beside this class into {@code folder}. */
    static void unpack(Path folder, String... names) throws IOException {
        for (var name : names) {
            try (var source = Objects.requireNonNull(Script.class.getResourceAsStream(name), name)) {
                Files.copy(source, folder.resolve(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Whether a program is there and ends well. */
    static boolean works(String... command) {
        try {
            return run(null, Path.of("."), 60, List.of(command)).exitCode() == 0;
        } catch (UncheckedIOException e) {
            return false; // There is no such program.
        }
    }

    /** Runs {@code command} in {@code folder} with KUBECONFIG set to the cluster's; it has {@code seconds} to end. */
    static Run run(
            @org.jspecify.annotations.Nullable TestCluster cluster, Path folder, int seconds, List<String> command) {
        try {
            var output = Files.createTempFile("script", ".log");
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            if (cluster != null) {
                builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
            }
            var process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            var text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            return ended
                    ? new Run(process.exitValue(), text)
                    : new Run(-1, text + "\nnot ended after " + seconds + " s");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
