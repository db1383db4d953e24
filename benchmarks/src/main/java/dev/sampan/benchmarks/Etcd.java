package dev.sampan.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An etcd server of our own on loopback, with its usual settings. */
final class Etcd implements AutoCloseable {

    private final Process process;
    private final URI uri;

    private Etcd(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    /**
     * Starts the {@code etcd} that is on the path and waits until it is healthy.
     *
     * @throws IOException if there is none; Debian has it as {@code etcd-server}
     */
    static Etcd start(Path directory) throws IOException, InterruptedException {
        var client = "http://127.0.0.1:" + freePort();
        var peer = "http://127.0.0.1:" + freePort();
        var process = new ProcessBuilder(
                        "etcd",
                        "--data-dir=" + Files.createDirectories(directory),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--logger=zap",
                        "--log-level=error")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("etcd.log").toFile())
                .start();
        var etcd = new Etcd(process, URI.create(client));
        try {
            etcd.awaitHealthy();
            return etcd;
        } catch (IOException | InterruptedException | RuntimeException e) {
            etcd.close();
            throw e;
        }
    }

    URI uri() {
        return uri;
    }

    /** Such as {@code 3.4.23}. */
    static String version() throws IOException {
        var process = new ProcessBuilder("etcd", "--version").start();
        try (var out = process.inputReader()) {
            return String.valueOf(out.readLine()).replace("etcd Version: ", "");
        }
    }

    private void awaitHealthy() throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(uri.resolve("/health"))
                    .timeout(Duration.ofSeconds(1))
                    .build();
            for (int attempt = 0; attempt < 100; attempt++) {
                try {
                    if (http.send(request, HttpResponse.BodyHandlers.ofString())
                            .body()
                            .contains("true")) {
                        return;
                    }
                } catch (IOException _) {
                    // not listening yet
                }
                if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new IOException("etcd ended with " + process.exitValue());
                }
            }
            throw new IOException("etcd did not become healthy");
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
