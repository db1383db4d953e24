package dev.sampan.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InProcessHttpClientTest {

    private final TestApi api = TestApi.start();
    private final KubernetesClient client = api.admin();

    @AfterEach
    void close() {
        api.close();
    }

    private static ConfigMap configMap(String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .addToData("key", value)
                .build();
    }

    @Test
    void writesAreChecked() {
        var created = client.resource(configMap("a", "1")).create();
        assertThat(created.getMetadata().getUid()).isNotEmpty();
        created.getData().put("key", "2");
        var updated = client.resource(created).update();
        assertThat(updated.getData()).containsEntry("key", "2");
        created.getData().put("key", "3");
        assertThatThrownBy(() -> client.resource(created).update())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        var patched = client.configMaps()
                .inNamespace("default")
                .withName("a")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"key\":\"4\"}}");
        assertThat(patched.getData()).containsEntry("key", "4");
        client.resource(patched).delete();
        assertThat(client.configMaps().inNamespace("default").withName("a").get())
                .isNull();
    }

    @Test
    void whatAUserMayNotDoIsForbidden() {
        var nobody = api.client("nobody", "system:authenticated");
        assertThatThrownBy(() -> nobody.resource(configMap("a", "1")).create())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    @Test
    void watchesStream() {
        var events = new CopyOnWriteArrayList<String>();
        var watch = client.configMaps().inNamespace("default").watch(new Watcher<ConfigMap>() {
            @Override
            public void eventReceived(Action action, ConfigMap object) {
                events.add(action + " " + object.getMetadata().getName());
            }

            @Override
            public void onClose(WatcherException cause) {
                events.add("closed");
            }
        });
        try (watch) {
            var created = client.resource(configMap("w", "1")).create();
            client.resource(created).delete();
            await().until(() -> events.equals(List.of("ADDED w", "DELETED w")));
        }
    }

    @Test
    void watchesTextOfAnyLanguage() {
        var events = new CopyOnWriteArrayList<String>();
        var watch = client.configMaps().inNamespace("default").watch(new Watcher<ConfigMap>() {
            @Override
            public void eventReceived(Action action, ConfigMap object) {
                events.add(action + " " + object.getData().values());
            }

            @Override
            public void onClose(WatcherException cause) {
                events.add("closed");
            }
        });
        try (watch) {
            client.resource(configMap("first", "模型 … é 🚣")).create();
            client.resource(configMap("second", "plain")).create();
            await().until(() -> events.equals(List.of("ADDED [模型 … é 🚣]", "ADDED [plain]")));
        }
        client.configMaps().inNamespace("default").withName("first").delete();
        client.configMaps().inNamespace("default").withName("second").delete();
    }

    @Test
    void withoutAnEdgeThereAreNoWebSockets() {
        var connecting = client.getHttpClient()
                .newWebSocketBuilder()
                .uri(java.net.URI.create("https://in-process.invalid/api/v1/namespaces/default/pods/p/exec"))
                .buildAsync(new WebSocket.Listener() {});
        assertThatThrownBy(connecting::join).hasMessageContaining("no WebSockets");
    }
}
