package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sampan.apiserver.pki.Kubeconfig;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The rows that are about kubectl itself: the real one, over HTTPS. */
final class KubectlRows {

    private final Cluster cluster;
    private boolean listening;

    KubectlRows(Cluster cluster) {
        this.cluster = cluster;
    }

    private Process start(String input, String... arguments) throws IOException {
        var config = config();
        var command = new ArrayList<>(List.of("kubectl", "--kubeconfig", config.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put("KUBECACHEDIR", cluster.directory().resolve("cache").toString());
        var process = builder.start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return process;
    }

    private String run(int code, String input, String... arguments) throws IOException, InterruptedException {
        var process = start(input, arguments);
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(code);
        return output;
    }

    private Path config() throws IOException {
        assumeTrue(available(), "no kubectl on the PATH");
        var file = cluster.directory().resolve("kubeconfig");
        if (!listening) {
            var server = cluster.server().api();
            server.start();
            var admin = new PkiDirectory(cluster.directory().resolve("pki"), InstantSource.system()).admin();
            Files.writeString(file, new Kubeconfig("test", server.uri(), "admin", admin).toYaml());
            listening = true;
        }
        return file;
    }

    private static boolean available() throws IOException {
        try {
            return new ProcessBuilder("sh", "-c", "command -v kubectl").start().waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Row(159)
    void listsVersions() throws IOException, InterruptedException {
        assertThat(run(0, "", "api-versions").lines()).contains("v1");
    }

    @Row(160)
    void tellsAboutTheControlPlane() throws IOException, InterruptedException {
        assertThat(run(0, "", "cluster-info")).contains("Kubernetes control plane", "is running at");
    }

    @Row(162)
    void findsADifference() throws IOException, InterruptedException {
        var namespace = cluster.namespace();
        var deployment = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: httpd}
                spec:
                  replicas: 1
                  selector: {matchLabels: {app: httpd}}
                  template: {metadata: {labels: {app: httpd}}, spec: {containers: [{name: httpd, image: "httpd:1"}]}}
                """;
        run(0, deployment, "-n", namespace, "create", "-f", "-");
        assertThat(run(1, deployment.replace("httpd:1", "busybox:1"), "-n", namespace, "diff", "-f", "-"))
                .contains("-      - image: httpd:1", "+      - image: busybox:1");
    }

    @Row(169)
    void printsVersions() throws IOException, InterruptedException {
        assertThat(run(0, "", "version")).contains("Client Version", "Server Version");
    }

    @Row(171)
    void proxiesOnAnyPort() throws IOException, InterruptedException {
        var process = start("", "proxy", "-p", "0", "--disable-filter");
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            var line = lines.readLine();
            while (line != null && !line.startsWith("Starting to serve on ")) {
                line = lines.readLine();
            }
            assertThat(line).isNotNull();
            var uri = URI.create("http://" + line.substring("Starting to serve on ".length()) + "/api/");
            try (var client = HttpClient.newHttpClient()) {
                var body = client.send(
                        HttpRequest.newBuilder(uri)
                                .version(HttpClient.Version.HTTP_1_1)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(body.body()).contains("APIVersions");
            }
        } finally {
            process.destroy();
        }
    }

    @Row(170)
    void proxiesOnAUnixSocket() throws IOException {
        var socket = Files.createTempDirectory("row").resolve("s");
        var process = start("", "proxy", "--unix-socket=" + socket);
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.lines().anyMatch(l -> l.startsWith("Starting to serve on ")))
                    .isTrue();
            assertThat(overSocket(socket)).contains("APIVersions");
        } finally {
            process.destroy();
        }
    }

    private static String overSocket(Path socket) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var request = "GET /api/ HTTP/1.0\r\nHost: localhost\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            var answer = new StringBuilder();
            var buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer) >= 0) {
                answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                buffer.clear();
            }
            return answer.toString();
        }
    }
}
