package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.security.Tls;
import dev.sampan.serving.v2.proto.GRPCInferenceServiceGrpc;
import dev.sampan.serving.v2.proto.ServerLiveRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, client certificates and bearer tokens on both ports. */
class SecurityTest {
    @TempDir
    Path folder;

    @BeforeEach
    void model() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
    }

    private ServerOptions options(ServerOptions.Security security) {
        return TestServers.options(folder, List.of("m")).with(security);
    }

    @Test
    void withTlsBothPortsTakeOnlyTls() throws Exception {
        var ca = certificates();
        var security = new ServerOptions.Security(Tls.read(config(ca, false)), true, null);
        try (var server = new ModelServer(options(security)).start()) {
            assertThat(server.restUri().getScheme()).isEqualTo("https");
            assertThat(live(server, trusting(ca, false))).isTrue();
            assertThat(get(server.restUri().resolve("/v1/models/m"), ca, false)).isEqualTo(200);
            assertThatThrownBy(() -> live(server, InsecureChannelCredentials.create()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
    }

    @Test
    void withClientVerifyACertificateIsNeeded() throws Exception {
        var ca = certificates();
        var security = new ServerOptions.Security(Tls.read(config(ca, true)), true, null);
        try (var server = new ModelServer(options(security)).start()) {
            assertThat(live(server, trusting(ca, true))).isTrue();
            assertThatThrownBy(() -> live(server, trusting(ca, false))).isInstanceOf(StatusRuntimeException.class);
            var status = server.restUri().resolve("/v1/models/m");
            assertThat(get(status, ca, true)).isEqualTo(200);
            assertThatThrownBy(() -> get(status, ca, false)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aNewCertificateIsTakenWithoutARestart() throws Exception {
        var old = certificates();
        var file = config(old, false);
        try (var server = new ModelServer(options(new ServerOptions.Security(Tls.read(file), true, null))).start()) {
            assertThat(live(server, trusting(old, false))).isTrue();
            var renewed = certificates(folder.resolve("renewed"));
            config(renewed, false);
            Awaitility.await().ignoreExceptions().until(() -> live(server, trusting(renewed, false)));
            assertThat(get(server.restUri().resolve("/v1/models/m"), renewed, false))
                    .isEqualTo(200);
            assertThatThrownBy(() -> live(server, trusting(old, false))).isInstanceOf(StatusRuntimeException.class);
            assertThatThrownBy(() -> get(server.restUri().resolve("/v1/models/m"), old, false))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aDamagedTlsFileLeavesTheCertificateInUse() throws Exception {
        var ca = certificates();
        var file = config(ca, false);
        var tls = Tls.read(file);
        try (var server = new ModelServer(options(new ServerOptions.Security(tls, true, null))).start()) {
            Files.writeString(file, "server_key: 'no key' server_cert: 'none'");
            tls.reload();
            assertThat(live(server, trusting(ca, false))).isTrue();
        }
    }

    @Test
    void aWrongTlsFileSaysWhatIsWrong() throws Exception {
        var file = folder.resolve("ssl.config");
        Files.writeString(file, "server_key: \"x\"");
        assertThatThrownBy(() -> Tls.read(file)).hasMessageContaining("server_key and server_cert are needed");
        Files.writeString(file, "server_kay: \"x\"");
        assertThatThrownBy(() -> Tls.read(file)).hasMessageContaining("server_kay");
        var ca = certificates();
        Files.writeString(file, "server_key: \"x\" server_cert: '" + text(ca.resolve("server.crt")) + "'");
        assertThatThrownBy(() -> Tls.read(file)).hasMessageContaining("BEGIN PRIVATE KEY");
    }

    @Test
    void tokensAreNeededButForHealth() throws Exception {
        var file = folder.resolve("tokens");
        Files.writeString(file, "# clients\nsecret-1\n\n");
        try (var server = new ModelServer(options(new ServerOptions.Security(null, false, file))).start();
                var http = HttpClient.newHttpClient()) {
            var uri = server.restUri().resolve("/v1/models/m");
            assertThat(status(http, uri, "")).isEqualTo(401);
            assertThat(status(http, uri, "Bearer secret-2")).isEqualTo(401);
            assertThat(status(http, uri, "Basic secret-1")).isEqualTo(401);
            assertThat(status(http, uri, "bearer secret-1")).isEqualTo(200);
            assertThat(status(http, server.restUri().resolve("/v2/health/live"), ""))
                    .isEqualTo(200);

            grpcWithTokens(server);

            Files.writeString(file, "secret-2\n");
            Awaitility.await().until(() -> status(http, uri, "Bearer secret-2") == 200);
            assertThat(status(http, uri, "Bearer secret-1")).isEqualTo(401);
        }
    }

    private static void grpcWithTokens(ModelServer server) throws Exception {
        var channel = Grpc.newChannelBuilder(server.grpcTarget(), InsecureChannelCredentials.create())
                .build();
        try {
            var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
            assertThatThrownBy(() -> stub.serverLive(ServerLiveRequest.getDefaultInstance()))
                    .satisfies(
                            e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
            var token = new Metadata();
            token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer secret-1");
            assertThat(stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
                            .serverLive(ServerLiveRequest.getDefaultInstance())
                            .getLive())
                    .isTrue();
            assertThat(HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatusValue())
                    .isEqualTo(1);
        } finally {
            channel.shutdownNow();
        }
    }

    private static int status(HttpClient http, URI uri, String authorization) throws Exception {
        var request = HttpRequest.newBuilder(uri);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static boolean live(ModelServer server, ChannelCredentials credentials) {
        var channel = Grpc.newChannelBuilder(server.grpcTarget(), credentials)
                .overrideAuthority("localhost")
                .build();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .serverLive(ServerLiveRequest.getDefaultInstance())
                    .getLive();
        } finally {
            channel.shutdownNow();
        }
    }

    private static ChannelCredentials trusting(Path ca, boolean ownCertificate) throws IOException {
        var credentials = TlsChannelCredentials.newBuilder()
                .trustManager(ca.resolve("ca.crt").toFile());
        if (ownCertificate) {
            credentials.keyManager(
                    ca.resolve("client.crt").toFile(), ca.resolve("client.key").toFile());
        }
        return credentials.build();
    }

    /** Java's client with the same keys; the server's own reader makes its key managers. */
    private int get(URI uri, Path ca, boolean ownCertificate) throws Exception {
        var file = folder.resolve("client.config");
        Files.writeString(
                file,
                "server_key: '%s' server_cert: '%s' custom_ca: '%s'"
                        .formatted(
                                text(ca.resolve("client.key")),
                                text(ca.resolve("client.crt")),
                                text(ca.resolve("ca.crt"))));
        var tls = Tls.read(file);
        var context = SSLContext.getInstance("TLS");
        context.init(
                ownCertificate ? tls.keys().toArray(KeyManager[]::new) : null,
                tls.trust().toArray(TrustManager[]::new),
                null);
        try (var http = HttpClient.newBuilder().sslContext(context).build()) {
            var local = URI.create("https://localhost:" + uri.getPort() + uri.getPath());
            return http.send(HttpRequest.newBuilder(local).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static String text(Path pem) throws IOException {
        return Files.readString(pem).replace("\n", "\\n");
    }

    private Path config(Path ca, boolean verify) throws IOException {
        var file = folder.resolve("ssl.config");
        return Files.writeString(
                file,
                "server_key: '%s'\nserver_cert: '%s'\ncustom_ca: '%s'\nclient_verify: %s\n"
                        .formatted(
                                text(ca.resolve("server.key")),
                                text(ca.resolve("server.crt")),
                                text(ca.resolve("ca.crt")),
                                verify));
    }

    /** An authority, and a server's and a client's certificate by it, made by openssl. */
    private Path certificates() throws Exception {
        return certificates(folder.resolve("ca"));
    }

    private Path certificates(Path ca) throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl, which makes the certificates, is missing");
        Files.createDirectories(ca);
        openssl(ca, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=test-ca");
        Files.writeString(ca.resolve("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        for (var name : List.of("server", "client")) {
            openssl(ca, "req -newkey rsa:2048 -nodes -keyout %1$s.key -out %1$s.csr -subj /CN=%1$s".formatted(name));
            openssl(
                    ca,
                    "x509 -req -in %1$s.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out %1$s.crt -days 2 -extfile names"
                            .formatted(name));
        }
        return ca;
    }

    private static void openssl(Path folder, String arguments) throws Exception {
        var process = new ProcessBuilder(("openssl " + arguments).split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor()).as(arguments).isZero();
    }
}
