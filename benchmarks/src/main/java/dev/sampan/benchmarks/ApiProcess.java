package dev.sampan.benchmarks;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;

/** An API server in a process of its own, set up as the cluster's, and what that process costs. */
final class ApiProcess implements AutoCloseable {

    /**
     * What the process used so far.
     *
     * @param allocated bytes of heap, freed ones included
     */
    record Cost(Duration cpu, long allocated) {
        Cost since(Cost before) {
            return new Cost(cpu.minus(before.cpu), allocated - before.allocated);
        }
    }

    /**
     * What is on the heap after a collection.
     *
     * @param used bytes in use
     * @param objects stored objects
     * @param values bytes of their values
     */
    record Heap(long used, long objects, long values) {}

    private final Path folder;
    private final Process process;
    private final BufferedReader out;
    private final Duration ready;
    private final URI uri;
    private final int echoPort;

    private ApiProcess(Path folder, Process process, BufferedReader out, String ready) {
        this.folder = folder;
        this.process = process;
        this.out = out;
        var words = ready.split(" ");
        this.ready = Duration.ofMillis(Long.parseLong(words[2]));
        this.uri = URI.create(words[4]);
        this.echoPort = Integer.parseInt(words[5]);
    }

    /** Starts an API server on a folder and waits until it listens; {@code options} are further options of its JVM. */
    static ApiProcess start(Path folder, String... options) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xms64m",
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ApiServerMain.class.getName()));
        command.add(folder.toString());
        var log = folder.resolve("server.log");
        var process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("ready in")) {
                return new ApiProcess(folder, process, out, line);
            }
        }
        throw new IOException("the API server did not start:\n" + Files.readString(log));
    }

    /** TLS with the administrator's certificate. */
    SSLContext tls() throws GeneralSecurityException {
        var directory = new PkiDirectory(folder.resolve("pki"), InstantSource.system());
        return KeyStores.tls(directory.admin(), List.of(directory.clusterCa().certificate()));
    }

    int port() {
        return uri.getPort();
    }

    int echoPort() {
        return echoPort;
    }

    /** From the start of its JVM until it listened. */
    Duration ready() {
        return ready;
    }

    Cost cost() throws IOException {
        var numbers = ask("cost");
        return new Cost(Duration.ofNanos(numbers[0]), numbers[1]);
    }

    Heap heap() throws IOException {
        var numbers = ask("heap");
        return new Heap(numbers[0], numbers[1], numbers[2]);
    }

    /** Resident memory in bytes. */
    long residentBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("no VmRSS of " + process.pid());
    }

    private long[] ask(String question) throws IOException {
        process.outputWriter().write(question + "\n");
        process.outputWriter().flush();
        var answer = out.readLine();
        if (answer == null) {
            throw new IOException("the API server is gone:\n" + Files.readString(folder.resolve("server.log")));
        }
        return Arrays.stream(answer.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
