package dev.sampan.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One real kubectl against one cluster. */
public final class Kubectl {

    private static final long LIMIT_SECONDS = 120;

    private final Path binary;
    private final List<String> options;
    private final Map<String, String> environment;

    private Kubectl(Path binary, List<String> options, Map<String, String> environment) {
        this.binary = binary;
        this.options = List.copyOf(options);
        this.environment = Map.copyOf(environment);
    }

    /**
     * What one command printed.
     *
     * @param exitCode the shell's
     * @param out standard output
     * @param err standard error
     */
    public record Result(int exitCode, String out, String err) {
        /** Standard error, when the command failed. */
        public String error() {
            if (exitCode == 0) {
                throw new AssertionError("kubectl succeeded, which was not expected:\n" + out);
            }
            return err;
        }

        /** Standard output, when the command succeeded. */
        public String orThrow() {
            if (exitCode != 0) {
                throw new AssertionError("kubectl ended with " + exitCode + ":\n" + err + out);
            }
            return out;
        }
    }

    /**
     * The kubectl binaries on this machine: {@code kubectl.1.27}, {@code kubectl.1.30} … beside the one on the PATH, for the versions asked
     * for; the one on the PATH alone where none of those is there; none where there is no kubectl.
     */
    public static List<Path> find(String... versions) {
        var onPath = onPath();
        if (onPath.isEmpty()) {
            return List.of();
        }
        var folder = java.util.Objects.requireNonNull(onPath.get().getParent());
        var versioned = Arrays.stream(versions)
                .map(version -> folder.resolve("kubectl." + version))
                .filter(Files::isExecutable)
                .toList();
        return versioned.isEmpty() ? List.of(onPath.get()) : versioned;
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, "kubectl"))
                .filter(Files::isExecutable)
                .map(Kubectl::realPath)
                .findFirst();
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This binary, talking to the cluster that {@code kubeconfig} describes. */
    public static Kubectl of(Path binary, Path kubeconfig) {
        var cache = kubeconfig.resolveSibling("kubectl-cache").toString();
        return new Kubectl(binary, List.of("--kubeconfig=" + kubeconfig), Map.of("KUBECACHEDIR", cache));
    }

    /** The same with {@code namespace} for what names none. */
    public Kubectl inNamespace(String namespace) {
        var more = new ArrayList<>(options);
        more.add("--namespace=" + namespace);
        return new Kubectl(binary, more, environment);
    }

    /** The same with an environment variable, such as {@code KUBE_EDITOR}. */
    public Kubectl withEnvironment(String name, String value) {
        var more = new HashMap<>(environment);
        more.put(name, value);
        return new Kubectl(binary, options, more);
    }

    /** The words of a command line, for a shell to run it. */
    public List<String> commandLine(String... arguments) {
        var command = new ArrayList<String>();
        command.add(binary.toString());
        command.addAll(List.of(arguments));
        int end = command.indexOf("--");
        command.addAll(end < 0 ? command.size() : end, options);
        return List.copyOf(command);
    }

    /** Runs one command to its end, at most two minutes. */
    public Result run(String... arguments) {
        return runWithInput("", arguments);
    }

    /** Runs one command with {@code input} on its standard input ({@code -f -}). */
    public Result runWithInput(String input, String... arguments) {
        try {
            return finish(start(arguments), input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a started command its input, and takes its output until it ends, at most two minutes. */
    public static Result finish(Process process, byte[] input) {
        var out = read(process.getInputStream());
        var err = read(process.getErrorStream());
        Thread.ofVirtual().start(() -> write(input, process));
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(process.info().commandLine().orElse("kubectl") + " did not end within "
                        + LIMIT_SECONDS + " s; it printed:\n" + out.join() + err.join());
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static void write(byte[] input, Process process) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It ended without reading everything, as it may.
        }
    }

    /** Starts a command that goes on, such as {@code port-forward} or {@code logs -f}; the caller ends it. */
    public Process start(String... arguments) throws IOException {
        return start(commandLine(arguments));
    }

    /** Starts a program in kubectl's environment, such as a shell around {@link #commandLine}. */
    public Process start(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static CompletableFuture<String> read(java.io.InputStream stream) {
        var text = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.completeExceptionally(e);
            }
        });
        return text;
    }

    @Override
    public String toString() {
        return binary.getFileName().toString();
    }
}
