package dev.sampan.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.sampan.apiserver.pki.CertificateAuthority;
import dev.sampan.apiserver.pki.Credential;
import dev.sampan.apiserver.pki.Subject;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IngressGatewayTest {

    private final ClusterFixture cluster = new ClusterFixture();
    private final List<HttpServer> servers = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private IngressGateway gateway;

    @BeforeEach
    void open() {
        gateway = new IngressGateway(
                cluster.client,
                cluster.informers,
                cluster.timers,
                IngressGatewayConfig.loopback().withPorts(0, 0));
        gateway.start();
    }

    @AfterEach
    void close() {
        gateway.close();
        cluster.close();
        servers.forEach(server -> server.stop(0));
    }

    private InetSocketAddress backend(String name) throws IOException {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 100);
        server.createContext("/", exchange -> {
            byte[] body = (name + " " + exchange.getProtocol() + " "
                            + exchange.getRequestHeaders().getFirst("X-Forwarded-Proto"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return server.getAddress();
    }

    private void ingress(String spec) {
        cluster.client.resource("""
                        apiVersion: networking.k8s.io/v1
                        kind: Ingress
                        metadata: {name: web, namespace: default}
                        spec: %s
                        """.formatted(spec)).createOr(existing -> existing.update());
    }

    private static String rules(String path) {
        return "rules: [{http: {paths: [{path: %s, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]"
                .formatted(path);
    }

    private HttpResponse<String> get(String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + gateway.httpPort() + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void followsIngressServiceAndEndpoints() throws Exception {
        assertThat(get("/app").statusCode()).isEqualTo(404);
        ingress("{" + rules("/app") + "}");
        await().until(() -> get("/app").body().contains("service \"default/web\" does not exist"));
        cluster.service(80, "");
        await().until(() -> get("/app").body().contains("has no ready endpoint"));
        cluster.endpoints(backend("first"));
        await().until(() -> get("/app").body().equals("first HTTP/1.1 http"));
        cluster.endpoints(backend("second"));
        await().until(() -> get("/app").body().startsWith("second"));
        ingress("{" + rules("/other") + "}");
        await().until(() -> get("/app").statusCode() == 404);
        assertThat(get("/other").statusCode()).isEqualTo(200);
    }

    @Test
    void publishesItsAddressItsClassAndEvents() {
        ingress("{" + rules("/") + "}");
        await().untilAsserted(() -> {
            Ingress ingress = cluster.client
                    .network()
                    .v1()
                    .ingresses()
                    .inNamespace("default")
                    .withName("web")
                    .get();
            assertThat(ingress.getStatus().getLoadBalancer().getIngress())
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.getIp()).isEqualTo("127.0.0.1"));
            assertThat(cluster.events("web")).contains("Normal Sync: Scheduled for sync");
        });
        var ours = cluster.client.network().v1().ingressClasses().withName("sampan");
        await().untilAsserted(
                        () -> assertThat(ours.get().getSpec().getController()).isEqualTo("sampan.dev/ingress-gateway"));
    }

    @Test
    void saysWhatIsWrong() {
        ingress("{tls: [{hosts: [a.example], secretName: none}], " + rules("/") + "}");
        await().untilAsserted(
                        () -> assertThat(cluster.events("web"))
                                .contains(
                                        "Warning Rejected: secret \"default/none\" does not exist or is not of type kubernetes.io/tls"));
    }

    private final CertificateAuthority authority = authority();

    private static CertificateAuthority authority() {
        try {
            return CertificateAuthority.create("test", Instant.now(), Duration.ofDays(1));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Credential certificate(String host) throws Exception {
        return authority.issue(Subject.server(host, List.of(host)), Instant.now(), Duration.ofDays(1));
    }

    private void secret(String name, Credential credential) {
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withType("kubernetes.io/tls")
                .addToData("tls.crt", encoded(credential.certificatePem()))
                .addToData("tls.key", encoded(credential.keyPem()))
                .build();
        cluster.client.resource(secret).createOr(existing -> existing.update());
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", authority.certificate());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), new SecureRandom());
        return context;
    }

    /** The subject of the certificate that the gateway shows for a host; an empty text when it refuses. */
    private String shown(String host) throws Exception {
        try (var socket = (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", gateway.httpsPort())) {
            var parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket.getSession().getPeerPrincipal().getName();
        } catch (SSLHandshakeException refused) {
            return "";
        }
    }

    @Test
    void servesTheCertificateOfTheHostAndReloadsIt() throws Exception {
        ingress("{tls: [{hosts: [a.example], secretName: a}, {hosts: ['*.b.example'], secretName: b}], " + rules("/")
                + "}");
        secret("a", certificate("first.example"));
        secret("b", certificate("wild.example"));
        await().untilAsserted(() -> {
            assertThat(shown("a.example")).contains("first.example");
            assertThat(shown("x.b.example")).contains("wild.example");
            assertThat(shown("unknown.example")).isEmpty();
        });
        secret("a", certificate("second.example"));
        await().untilAsserted(() -> assertThat(shown("a.example")).contains("second.example"));
    }

    @Test
    void plainRequestsToAHostWithACertificateAreRedirected() throws Exception {
        secret("local", certificate("localhost"));
        cluster.service(80, "");
        cluster.endpoints(backend("secure"));
        ingress(
                "{tls: [{hosts: [localhost], secretName: local}], rules: [{host: localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}");
        var plain = HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.httpPort() + "/x?y=1"))
                .build();
        await().until(() ->
                http.send(plain, HttpResponse.BodyHandlers.ofString()).statusCode() == 308);
        var redirect = http.send(plain, HttpResponse.BodyHandlers.ofString());
        String location = redirect.headers().firstValue("location").orElseThrow();
        assertThat(location).isEqualTo("https://localhost:" + gateway.httpsPort() + "/x?y=1");
        try (var https = HttpClient.newBuilder().sslContext(trusting()).build()) {
            await().untilAsserted(() -> {
                var answer = https.send(
                        HttpRequest.newBuilder(URI.create(location)).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(answer.body()).isEqualTo("secure HTTP/1.1 https");
            });
        }
    }
}
