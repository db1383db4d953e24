package dev.sampan.apiserver.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An API server behind ours, over HTTPS with the front proxy's certificate. */
class AggregationTest {

    private static final String SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";

    private record Seen(String path, Headers headers) {}

    @TempDir
    private Path temp;

    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    private WholeServer server;
    private HttpsServer extension;
    private PkiDirectory theirs;

    @BeforeEach
    void start() throws Exception {
        server = new WholeServer(temp.resolve("ours"));
        server.namespace("team");
        theirs = new PkiDirectory(temp.resolve("theirs"), InstantSource.system());
        var ours = new PkiDirectory(temp.resolve("ours"), InstantSource.system());
        var tls = KeyStores.tls(
                theirs.apiServer(List.of("fruit.team.svc")),
                List.of(ours.frontProxyCa().certificate()));
        extension = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        extension.setHttpsConfigurator(mutual(tls));
        extension.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        extension.createContext("/apis/fruit.example.com/v1", exchange -> {
            seen.add(new Seen(exchange.getRequestURI().toString(), exchange.getRequestHeaders()));
            boolean discovery = exchange.getRequestURI().getPath().equals("/apis/fruit.example.com/v1");
            var body = (discovery ? """
                            {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"fruit.example.com/v1","resources":[
                            {"name":"apples","singularName":"apple","namespaced":true,"kind":"Apple","verbs":["get","list"]},
                            {"name":"apples/peel","singularName":"","namespaced":true,"kind":"Apple","verbs":["get"]}]}""" : "{\"kind\":\"AppleList\"}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        extension.start();
    }

    /** The extension serves nobody but the front proxy. */
    private static HttpsConfigurator mutual(SSLContext tls) {
        return new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters own = tls.getDefaultSSLParameters();
                own.setNeedClientAuth(true);
                parameters.setSSLParameters(own);
            }
        };
    }

    @AfterEach
    void stop() {
        server.close();
        extension.stop(0);
    }

    private void register() {
        var bundle = Base64.getEncoder()
                .encodeToString(Pem.encode(theirs.clusterCa().certificate()).getBytes(StandardCharsets.US_ASCII));
        server.post(SERVICES, """
                apiVersion: apiregistration.k8s.io/v1
                kind: APIService
                metadata: {name: v1.fruit.example.com}
                spec: {group: fruit.example.com, version: v1, groupPriorityMinimum: 1000, versionPriority: 15,
                  service: {namespace: team, name: fruit}, caBundle: %s}
                """.formatted(bundle)).ok();
    }

    private void serve() {
        server.post(
                        "/api/v1/namespaces/team/services",
                        "apiVersion: v1\nkind: Service\nmetadata: {name: fruit}\nspec: {ports: [{port: 443}]}")
                .ok();
        server.post("/apis/discovery.k8s.io/v1/namespaces/team/endpointslices", """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: fruit-1, labels: {kubernetes.io/service-name: fruit}}
                addressType: IPv4
                endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
                ports: [{name: '', port: %d}]
                """.formatted(
                                extension.getAddress().getPort()))
                .ok();
    }

    private void awaitCondition(String reason) {
        await().untilAsserted(() -> assertThat(
                        server.get(SERVICES + "/v1.fruit.example.com").at("status.conditions.0.reason"))
                .isEqualTo(reason));
    }

    @Test
    void requestsGoThroughWithTheCallersName() throws Exception {
        register();
        awaitCondition("ServiceNotFound");
        var path = "/apis/fruit.example.com/v1/namespaces/team/apples";
        server.get(path).refused(503);
        serve();
        awaitCondition("Passed");
        seen.clear();
        var jane = new UserInfo("jane", "u1", List.of("dev", UserInfo.MASTERS), Map.of("scopes", List.of("a b")));
        var request = ApiRequest.of(
                jane, "GET", path + "?labelSelector=a%3Db%20c", Map.of("x-remote-user", List.of("root")), new byte[0]);
        assertThat(text((ApiResponse.Stream) server.api().handle(request))).isEqualTo("{\"kind\":\"AppleList\"}");
        var call = seen.remove();
        assertThat(call.path()).isEqualTo(path + "?labelSelector=a%3Db+c");
        assertThat(call.headers().get("X-Remote-User")).containsExactly("jane");
        assertThat(call.headers().get("X-Remote-Group")).containsExactly("dev", UserInfo.MASTERS);
        assertThat(call.headers().get("X-Remote-Extra-Scopes")).containsExactly("a b");
        assertThat(call.headers()).doesNotContainKey("Authorization");
        server.call(UserInfo.of("nobody"), "GET", path, "").refused(403);
        assertThat(seen).isEmpty();
    }

    private static String text(ApiResponse.Stream stream) throws Exception {
        assertThat(stream.status()).isEqualTo(200);
        var out = new ByteArrayOutputStream();
        stream.body().writeTo(new ApiResponse.StreamSink() {
            @Override
            public void write(byte[] bytes) {
                out.writeBytes(bytes);
            }

            @Override
            public void flush() {
                // kept in memory
            }
        });
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void discoveryShowsTheGroup() {
        serve();
        register();
        awaitCondition("Passed");
        await().untilAsserted(() -> {
            assertThat(server.get("/apis").ok().body().toString()).contains("\"fruit.example.com/v1\"");
            assertThat(server.get("/apis/fruit.example.com").ok().at("preferredVersion.version"))
                    .isEqualTo("v1");
            var accept =
                    Map.of("accept", List.of("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
            var aggregated =
                    server.call(WholeServer.ADMIN, "GET", "/apis", "", accept).ok();
            for (var group : aggregated.body().path("items")) {
                if (group.path("metadata").path("name").asString("").equals("fruit.example.com")) {
                    var resource =
                            group.path("versions").path(0).path("resources").path(0);
                    assertThat(resource.path("resource").asString()).isEqualTo("apples");
                    assertThat(resource.path("scope").asString()).isEqualTo("Namespaced");
                    assertThat(resource.path("subresources")
                                    .path(0)
                                    .path("subresource")
                                    .asString())
                            .isEqualTo("peel");
                    return;
                }
            }
            throw new AssertionError("not in " + aggregated.body());
        });
        server.delete(SERVICES + "/v1.fruit.example.com").ok();
        await().untilAsserted(() -> server.get("/apis/fruit.example.com").refused(404));
    }

    @Test
    void otherServersLearnWhomToTrust() {
        var map = server.get("/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication")
                .ok();
        assertThat(map.body()
                        .path("data")
                        .path("requestheader-username-headers")
                        .asString())
                .isEqualTo("[\"X-Remote-User\"]");
        assertThat(map.body().path("data").path("requestheader-client-ca-file").asString())
                .startsWith("-----BEGIN CERTIFICATE");
    }

    @Test
    void whatIsAnsweredHereIsListedToo() {
        await().untilAsserted(() -> {
            var apps = server.get(SERVICES + "/v1.apps").ok();
            assertThat(apps.at("status.conditions.0.reason")).isEqualTo("Local");
            assertThat(server.get(SERVICES + "/v1.").ok().at("spec.groupPriorityMinimum"))
                    .isEqualTo("18000");
        });
        server.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: ships.sea.example.com}
                spec:
                  group: sea.example.com
                  scope: Namespaced
                  names: {plural: ships, kind: Ship}
                  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
                """)
                .ok();
        await().untilAsserted(() -> server.get(SERVICES + "/v1.sea.example.com").ok());
        server.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ships.sea.example.com")
                .ok();
        await().untilAsserted(() -> server.get(SERVICES + "/v1.sea.example.com").refused(404));
    }

    @Test
    void namesFollowGroupAndVersion() {
        assertThat(server.post(SERVICES, """
                apiVersion: apiregistration.k8s.io/v1
                kind: APIService
                metadata: {name: wrong}
                spec: {group: fruit.example.com, version: v1, groupPriorityMinimum: 0, versionPriority: 15}
                """).refused(422).message())
                .contains("must be `spec.version+\".\"+spec.group`: \"v1.fruit.example.com\"")
                .contains("spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000");
    }
}
