package dev.sampan.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** An etcd of its own on loopback, which tests may kill and start again. */
public final class EtcdServer implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/etcd");

    private final Path folder;
    private final int clientPort;
    private final int peerPort;
    private Process process;

    private EtcdServer(Path folder, int clientPort, int peerPort) throws IOException {
        this.folder = folder;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
        this.process = run();
    }

    public static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    public static EtcdServer start(Path folder) throws IOException {
        try (var client = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int clientPort = client.getLocalPort();
            int peerPort = peer.getLocalPort();
            client.close();
            peer.close();
            return new EtcdServer(folder, clientPort, peerPort);
        }
    }

    private Process run() throws IOException {
        var client = uri().toString();
        var peer = "http://127.0.0.1:" + peerPort;
        var command = new ArrayList<>(List.of(PROGRAM.toString(), "--data-dir", folder + "/data"));
        command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
        command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
        command.addAll(List.of("--initial-cluster", "default=" + peer));
        command.addAll(List.of("--heartbeat-interval", "20", "--election-timeout", "200", "--logger", "zap"));
        var started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("etcd.log").toFile()))
                .start();
        Awaitility.await()
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .atMost(30, TimeUnit.SECONDS)
                .until(() -> {
                    if (!started.isAlive()) {
                        throw new AssertionError(Files.readString(folder.resolve("etcd.log")));
                    }
                    return isHealthy();
                });
        return started;
    }

    private boolean isHealthy() {
        try (var answer = uri().resolve("/health").toURL().openStream()) {
            return new String(answer.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).contains("true");
        } catch (IOException e) {
            return false;
        }
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + clientPort);
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Runs it again over what the last run left on disk. */
    public void restart() throws IOException {
        process = run();
    }

    /** SIGSTOP, or SIGCONT. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
