package dev.sampan.node.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.node.logs.LogOptions;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeServerTest {

    @TempDir
    Path folder;

    private PkiDirectory pki;
    private NodeServer server;

    /** One pod, {@code default/web}, whose container {@code main} has said hello and runs nothing. */
    private static final class OnePod implements PodAccess {

        @Override
        public void log(Place place, boolean previous, LogOptions options, OutputStream out)
                throws java.io.IOException, NotHere {
            requirePod(place.namespace(), place.pod());
            out.write("hello\n".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public ExecSession exec(Place place, ExecSpec spec) throws NotHere {
            throw new NotHere("container not found (\"" + place.container() + "\")");
        }

        @Override
        public void requirePod(String namespace, String pod) throws NotHere {
            if (!pod.equals("web")) {
                throw new NotHere("pod \"" + pod + "\" is not on this node");
            }
        }

        @Override
        public void requireRunning(Place place) throws NotHere {
            throw new NotHere("container not found (\"" + place.container() + "\")");
        }

        @Override
        public String statsSummary() {
            return "{\"pods\":[]}";
        }

        @Override
        public Socket dial(String namespace, String pod, int port) throws java.io.IOException {
            throw new java.io.IOException("nobody listens");
        }
    }

    @BeforeEach
    void start() throws Exception {
        pki = new PkiDirectory(folder, InstantSource.system());
        var tls = KeyStores.tls(
                pki.nodeServing("sampan", List.of("127.0.0.1")),
                List.of(pki.clusterCa().certificate()));
        server = new NodeServer("127.0.0.1", 0, tls, Set.of("kube-apiserver-kubelet-client"), new OnePod());
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private SSLContext as(String user) throws Exception {
        var authorities = List.of(pki.clusterCa().certificate());
        return switch (user) {
            case "" -> KeyStores.trustingAnyServer();
            case "the API server" -> KeyStores.tls(pki.nodeClient(), authorities);
            default -> KeyStores.tls(pki.client("other", user, "system:masters"), authorities);
        };
    }

    private HttpResponse<String> get(SSLContext tls, String path) throws Exception {
        try (var client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void servesTheApiServer() throws Exception {
        var log = get(as("the API server"), "/containerLogs/default/web/main");

        assertThat(log.statusCode()).isEqualTo(200);
        assertThat(log.body()).isEqualTo("hello\n");
        assertThat(get(as("the API server"), "/healthz").body()).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/healthz",
                "/containerLogs/default/web/main",
                "/exec/default/web/main",
                "/portForward/default/web"
            })
    void refusesWhoeverShowsNoCertificate(String path) throws Exception {
        assertThat(get(as(""), path).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kubernetes-admin",
                "system:serviceaccount:default:default",
                "system:node:sampan",
                "system:apiserver"
            })
    void refusesEveryOtherUserOfTheClustersAuthority(String user) throws Exception {
        for (var path : List.of("/containerLogs/default/web/main", "/exec/default/web/main", "/stats/summary")) {
            var answer = get(as(user), path);
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).startsWith("Forbidden (user=" + user + ", verb=GET");
        }
    }

    @Test
    void saysWhatIsNotHereBeforeAnyUpgrade() throws Exception {
        var tls = as("the API server");

        assertThat(get(tls, "/exec/default/web/main?command=ls&output=1").body())
                .isEqualTo("container not found (\"main\")");
        assertThat(get(tls, "/portForward/default/none").statusCode()).isEqualTo(404);
        assertThat(get(tls, "/portForward/default/web?port=99999").body()).isEqualTo("\"99999\" is not a port");
        assertThat(get(tls, "/portForward/default/web").body())
                .isEqualTo("unable to upgrade: missing upgrade headers in request");
        assertThat(get(tls, "/exec/default/web/main?command=ls").body())
                .isEqualTo("you must specify at least 1 of stdin, stdout, stderr");
        assertThat(get(tls, "/nothing").statusCode()).isEqualTo(404);
    }
}
