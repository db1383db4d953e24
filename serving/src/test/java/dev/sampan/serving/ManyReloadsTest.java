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

/** Two hundred changes of version, back and forth, under more than ten thousand requests. */
class ManyReloadsTest {
    private static final int CLIENTS = 3;
    private static final int RELOADS = 400;
    private static final int REQUESTS = 10_000;
    private static final int SETTLED_AFTER = 100;

    @TempDir
    Path folder;

    @Test
    void noRequestFailsNoneIsAnsweredWronglyAndNoMemoryIsLost() throws Exception {
        TestModels.classifier(folder, 1);
        TestModels.classifier(folder.resolve("spare"), 2);
        var problems = new ConcurrentLinkedQueue<String>();
        var requests = new AtomicInteger();
        var stop = new AtomicBoolean();
        long settled = 0;
        try (var server = ChildServer.start("--model_name=m", "--model_base_path=" + folder);
                var threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.execute(() -> call(server, stop, requests, problems));
            }
            try (var client = new RestClient(server.uri())) {
                for (int i = 0; i < RELOADS && problems.isEmpty(); i++) {
                    // Version 2 comes, then goes again: a rollback.
                    var two = folder.resolve("2");
                    if (i % 2 == 0) {
                        Files.move(folder.resolve("spare/2"), two);
                    } else {
                        Files.move(two, folder.resolve("spare/2"));
                    }
                    int expected = i % 2 == 0 ? 2 : 1;
                    Awaitility.await()
                            .pollInterval(Duration.ofMillis(3))
                            .until(() -> answer(client.post("/v1/models/m:predict", BODY)) == expected);
                    if (i == SETTLED_AFTER) {
                        settled = server.residentBytes();
                    }
                }
                Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> requests.get() > REQUESTS);
            }
            stop.set(true);
            assertThat(problems).isEmpty();
            // The child's heap is all resident from the start, so that what grows is native. 150 more versions were
            // loaded since; a lost session would cost about 0.4 MB each, 60 MB in all. What compiled code and
            // allocators take is about a quarter of that.
            assertThat(server.residentBytes() - settled).isLessThan(32L << 20);
        }
        assertThat(requests.get()).isGreaterThan(REQUESTS);
    }

    private static final String BODY = "{\"instances\": [[1,2,3,4]]}";

    private static void call(
            ChildServer server, AtomicBoolean stop, AtomicInteger requests, ConcurrentLinkedQueue<String> problems) {
        try (var client = new RestClient(server.uri())) {
            while (!stop.get() && problems.isEmpty()) {
                var pinned = client.post("/v1/models/m/versions/1:predict", BODY);
                if (pinned.status() == 200 && answer(pinned) != 1) {
                    problems.add("version 1 was asked for: " + pinned);
                }
                var latest = client.post("/v1/models/m:predict", BODY);
                requests.addAndGet(2);
                if (latest.status() != 200 || answer(latest) != 1 && answer(latest) != 2) {
                    problems.add(latest.toString());
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            problems.add(e.toString());
        }
    }

    /** The version that answered: a model answers with its own number. */
    private static int answer(RestClient.Answer answer) {
        var scores = answer.json().at("/predictions/0");
        for (int i = 0; i < scores.size(); i++) {
            if (scores.get(i).asDouble() == 1.0) {
                return i;
            }
        }
        return -1;
    }
}
