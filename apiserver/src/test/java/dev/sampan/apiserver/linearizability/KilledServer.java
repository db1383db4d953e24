package dev.sampan.apiserver.linearizability;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;

/** An API server in a process of its own, over the same folder and at the same port after each kill. */
final class KilledServer implements AutoCloseable {

    private final Path folder;
    private final int port;
    private Process process; // guarded by this

    KilledServer(Path folder) throws IOException {
        this.folder = folder;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        this.process = start();
    }

    private Process start() throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var started = new ProcessBuilder(
                        java,
                        "-Xmx768m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServerMain.class.getName(),
                        folder.toString(),
                        Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors.log").toFile()))
                .start();
        var line = started.inputReader().readLine();
        if (!"ready".equals(line)) {
            throw new AssertionError(
                    "the server did not start: " + line + "\n" + Files.readString(folder.resolve("errors.log")));
        }
        return started;
    }

    /** SIGKILL, and a new process. */
    synchronized void killAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = start();
    }

    /** Returns when no start is going on. */
    synchronized void awaitStart() {}

    URI uri() {
        return URI.create("https://127.0.0.1:" + port);
    }

    /** A client with a connection of its own. */
    HttpClient client() throws IOException, GeneralSecurityException {
        var pki = new PkiDirectory(folder.resolve("pki"), InstantSource.system());
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // half the processor time of HTTP/2 for one request at a time
                .sslContext(KeyStores.tls(pki.admin(), List.of(pki.clusterCa().certificate())))
                .build();
    }

    @Override
    public synchronized void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
