package dev.sampan.serving;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A model server in a process of its own, with a small heap that is resident from the start. */
public final class ChildServer implements AutoCloseable {
    private final Process process;
    private final URI uri;

    private ChildServer(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    public static void main(String[] arguments) {
        System.exit(ModelServer.run(List.of(arguments), Map.of(), System.out));
    }

    /** Starts one with these flags, a REST port and a quick look at the base paths; returns when it is ready. */
    public static ChildServer start(String... flags) throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ChildServer.class.getName(),
                "--port=0",
                "--rest_api_port=" + port,
                "--bind_address=127.0.0.1",
                "--file_system_poll_wait_seconds=0.005",
                "--drain_seconds=0"));
        command.addAll(List.of(flags));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var seen = new StringBuilder();
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            seen.append(line).append('\n');
            if (line.contains("ready in")) {
                var unused = Thread.ofVirtual().start(() -> drain(out));
                return new ChildServer(process, URI.create("http://127.0.0.1:" + port));
            }
        }
        throw new IOException("the server did not start:\n" + seen);
    }

    private static void drain(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                continue;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return uri;
    }

    public long residentBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("no VmRSS of process " + process.pid());
    }

    /** The files that the process has mapped into its memory. */
    public String maps() throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/maps"));
    }

    /** SIGTERM; the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
