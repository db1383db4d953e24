package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.Kubeconfig;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.store.MemoryStore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches over WebSockets, as fabric8's client opens them unless told otherwise. */
final class WebSocketWatchTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @TempDir
    private Path pki;

    private final MemoryStore store = new MemoryStore();
    private ApiServer api;

    @BeforeEach
    void start() {
        api = new ApiServer(ApiServerConfig.defaults(pki).withPort(0), store);
        api.start();
    }

    @AfterEach
    void stop() {
        api.close();
        store.close();
    }

    private KubernetesClient fabric8() {
        var admin = new PkiDirectory(pki, InstantSource.system()).admin();
        var config = Config.fromKubeconfig(new Kubeconfig("test", api.uri(), "admin", admin).toYaml());
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    private HttpClient client(boolean admin) throws Exception {
        var directory = new PkiDirectory(pki, InstantSource.system());
        var self = admin ? directory.admin() : directory.client("nobody", "nobody");
        return HttpClient.newBuilder()
                .sslContext(KeyStores.tls(self, List.of(directory.clusterCa().certificate())))
                .build();
    }

    private URI uri(String path) {
        return URI.create("wss" + api.uri().toString().substring("https".length()) + path);
    }

    private static ConfigMap map(String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addToData("a", value)
                .build();
    }

    @Test
    void feedsFabric8WithItsDefaultSettings() {
        var seen = new CopyOnWriteArrayList<String>();
        try (var client = fabric8()) {
            var maps = client.configMaps().inNamespace("default");
            var watch = maps.watch(new Watcher<>() {
                @Override
                public void eventReceived(Action action, ConfigMap map) {
                    seen.add(action + " " + map.getMetadata().getName());
                }

                @Override
                public void onClose(@Nullable WatcherException cause) {
                    seen.add("closed");
                }
            });
            maps.resource(map("one", "1")).create();
            maps.resource(map("one", "x".repeat(400_000))).update();
            maps.withName("one").delete();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(seen).containsExactly("ADDED one", "MODIFIED one", "DELETED one"));
            assertThat(api.watches().count()).isEqualTo(1);
            watch.close();
            Awaitility.await().until(() -> api.watches().count() == 0);
        }
    }

    @Test
    void feedsFabric8Informers() {
        try (var client = fabric8()) {
            client.configMaps()
                    .inNamespace("default")
                    .resource(map("before", "1"))
                    .create();
            try (var informer = client.configMaps().inNamespace("default").inform()) {
                client.configMaps()
                        .inNamespace("default")
                        .resource(map("after", "1"))
                        .create();
                Awaitility.await().until(() -> informer.getStore().list().size() == 2);
            }
        }
    }

    /** Collects messages; a closed socket adds its code. */
    private static final class Collector implements WebSocket.Listener {
        final List<String> texts = new CopyOnWriteArrayList<>();
        final List<byte[]> binaries = new CopyOnWriteArrayList<>();
        final List<Integer> closings = new CopyOnWriteArrayList<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            binaries.add(bytes);
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closings.add(code);
            return null;
        }
    }

    @Test
    void sendsProtobufAsBinaryMessagesWithoutLength() throws Exception {
        var collector = new Collector();
        try (var client = client(true)) {
            client.newWebSocketBuilder()
                    .header("Accept", "application/vnd.kubernetes.protobuf")
                    .buildAsync(uri("/api/v1/namespaces?watch=true&timeoutSeconds=1"), collector)
                    .join();
            Awaitility.await().until(() -> collector.closings.size() == 1);
        }
        assertThat(collector.closings).containsExactly(1000);
        assertThat(collector.texts).isEmpty();
        var event = new String(collector.binaries.getFirst(), StandardCharsets.ISO_8859_1);
        assertThat(event).startsWith("\n\u0005ADDED").contains("k8s\0");
        var object = collector.binaries.getFirst();
        int start = event.indexOf("k8s\0");
        var decoded =
                new Protobuf(BuiltinCatalog.load()).read(java.util.Arrays.copyOfRange(object, start, object.length));
        assertThat(decoded.path("kind").asString("")).isEqualTo("Namespace");
    }

    @Test
    void endsWithTheServer() throws Exception {
        var collector = new Collector();
        try (var client = client(true)) {
            client.newWebSocketBuilder()
                    .buildAsync(uri(MAPS + "?watch=true"), collector)
                    .join();
            Awaitility.await().until(() -> api.watches().count() == 1);
            api.close();
            Awaitility.await().until(() -> collector.closings.size() == 1);
        }
    }

    @Test
    void refusesWhoMayNotWatch() throws Exception {
        try (var client = client(false)) {
            var opening = client.newWebSocketBuilder().buildAsync(uri(MAPS + "?watch=true"), new Collector());
            assertThatThrownBy(opening::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
        }
    }
}
