package dev.sampan.apiserver.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Concurrent clients and watchers of a server that is killed and started again in between: what they saw must be the history of one store that
 * does one write after the other.
 */
final class LinearizabilityTest {

    /** {@code -Dsampan.linearizability.operations} and {@code -Dsampan.linearizability.seed} for more and for others. */
    private static final int OPERATIONS = Integer.getInteger("sampan.linearizability.operations", 100_000);

    private static final long SEED = Long.getLong("sampan.linearizability.seed", 1);
    private static final int CLIENTS = 32;
    private static final int KILLS = 3;

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void theHistoryIsThatOfOneStore() throws Exception {
        var progress = new Semaphore(0);
        try (var server = new KilledServer(folder);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long start = RandomClient.version(send(server, "GET", ""));
            var logs = new ArrayList<Future<List<Change>>>();
            for (int seconds : new int[] {1, 2, 600}) {
                logs.add(threads.submit(new ChangeLog(server, start, seconds)::follow));
            }
            var random = new SplittableRandom(SEED);
            var histories = new ArrayList<Future<List<Operation>>>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = new RandomClient(i, server, random.split(), progress);
                histories.add(threads.submit(() -> client.run(OPERATIONS / CLIENTS)));
            }
            for (int i = 0; i < KILLS; i++) {
                progress.acquire(OPERATIONS / (KILLS + 1));
                server.killAndRestart();
            }
            var operations = new ArrayList<Operation>();
            for (var history : histories) {
                operations.addAll(history.get());
            }
            send(server, "POST", "{\"metadata\":{\"name\":\"" + ChangeLog.END + "\"}}");

            var changes = logs.getFirst().get();
            for (var log : logs) {
                assertThat(log.get()).as("every watcher sees the same").isEqualTo(changes);
            }
            assertThat(HistoryCheck.faults(operations, changes))
                    .as("seed " + SEED)
                    .isEmpty();
            assertThat(operations).hasSize(OPERATIONS / CLIENTS * CLIENTS);
            assertThat(changes).hasSizeGreaterThan(OPERATIONS / 10);
            assertThat(operations.stream().filter(o -> o.outcome() instanceof Operation.Unknown))
                    .as("operations that a kill left without an answer")
                    .hasSizeBetween(1, OPERATIONS / 10);
        }
    }

    private static JsonNode send(KilledServer server, String method, String body) throws Exception {
        var request = HttpRequest.newBuilder(server.uri().resolve(RandomClient.MAPS))
                .method(method, BodyPublishers.ofString(body))
                .build();
        try (var client = server.client()) {
            var answer = client.send(request, BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isLessThan(300);
            return Json.read(answer.body()).tree();
        }
    }
}
