package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions come and go while clients call: no request fails, none is answered by a version that does not exist. */
class HotReloadTest {
    private static final int CLIENTS = 4;
    private static final int VERSIONS = 8;

    @TempDir
    Path folder;

    @Test
    void noRequestFailsWhileVersionsComeAndGo() throws Exception {
        TestModels.classifier(folder, 1);
        var options = ServerOptions.local("m", folder)
                .with(ServerOptions.Loading.DEFAULT.polling(Duration.ofMillis(10), Duration.ZERO));
        var problems = new ConcurrentLinkedQueue<String>();
        var requests = new AtomicInteger();
        var stop = new AtomicBoolean();
        try (var server = new ModelServer(options).start();
                var threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.execute(() -> call(server, stop, requests, problems));
            }
            try (var client = new RestClient(server.restUri())) {
                for (int version = 2; version <= VERSIONS; version++) {
                    int before = requests.get();
                    TestModels.classifier(folder, version);
                    await(client, version);
                    delete(version - 1);
                    Awaitility.await().until(() -> requests.get() > before + 100);
                }
                // Rollback: the highest version disappears, the one before comes back first.
                TestModels.classifier(folder, VERSIONS - 1);
                delete(VERSIONS);
                await(client, VERSIONS - 1);
            }
            stop.set(true);
        }
        assertThat(problems).isEmpty();
        assertThat(requests.get()).isGreaterThan(700);
    }

    private static void call(
            ModelServer server, AtomicBoolean stop, AtomicInteger requests, ConcurrentLinkedQueue<String> problems) {
        try (var client = new RestClient(server.restUri())) {
            while (!stop.get() && problems.isEmpty()) {
                var answer = client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4],[4,3,2,1]]}");
                requests.incrementAndGet();
                if (answer.status() != 200 || answer.json().path("predictions").size() != 2) {
                    problems.add(answer.toString());
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            problems.add(e.toString());
        }
    }

    private static void await(RestClient client, int version) {
        Awaitility.await()
                .until(() -> client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}")
                                .json()
                                .at("/predictions/0/" + version)
                                .asDouble()
                        == 1.0);
    }

    private void delete(int version) throws IOException {
        Files.delete(folder.resolve(version + "/model.onnx"));
        Files.delete(folder.resolve(Integer.toString(version)));
    }
}
