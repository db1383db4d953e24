package dev.sampan.models.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sampan.models.ExitCodes;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Optimizer;
import dev.sampan.models.train.FitOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole workers in one process, on loopback ports. */
class ParallelTrainingTest {
    private static final FitOptions FIT = new FitOptions(3, 50, Optimizer.Kind.SGD, 0.05f, 1);
    private static final Timeouts SHORT = new Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(10));

    @TempDir
    Path folder;

    private final class Worker {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final CompletableFuture<Integer> exit;

        Worker(String tfConfig, FitOptions fit, Timeouts timeouts) {
            var options = new TrainingOptions(
                    DataOptions.of("digits"),
                    List.of(24),
                    fit,
                    folder.resolve("out"),
                    false,
                    timeouts,
                    Map.of("TF_CONFIG", tfConfig));
            var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
            exit = CompletableFuture.supplyAsync(
                    () -> Training.run(options, out),
                    task -> Thread.ofPlatform().start(task));
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void threeWorkersTrainWhatOneWould() throws IOException {
        var cluster = workers(3);
        var workers = new ArrayList<Worker>();
        for (int i = 2; i >= 0; i--) {
            workers.add(new Worker(config(cluster, "worker", i), FIT, SHORT));
        }
        for (var worker : workers) {
            assertThat(worker.exit.join()).as(worker.text()).isZero();
        }
        assertThat(workers.getLast().text()).contains("3 workers", "held-out", "saved");
        assertThat(workers.getFirst().text()).contains("worker 0 writes the model");

        var alone = new TrainingOptions(
                DataOptions.of("digits"), List.of(24), FIT, folder.resolve("alone"), false, SHORT, Map.of());
        assertThat(Training.run(alone, System.out)).isZero();
        float[] one = TrainedModel.load(folder.resolve("alone")).network().parameters();
        float[] three = TrainedModel.load(folder.resolve("out")).network().parameters();
        for (int i = 0; i < one.length; i++) {
            assertThat(three[i]).as("parameter %d", i).isCloseTo(one[i], within(2e-4f));
        }
    }

    @Test
    void aChiefLeadsAndParameterServersAndEvaluatorsStandBy() throws IOException {
        var cluster = "{\"chief\":[\"%s\"],\"worker\":[\"%s\"],\"ps\":[\"h:1\"],\"evaluator\":[\"h:2\"]}"
                .formatted(address(), address());
        var chief = new Worker(config(cluster, "chief", 0), FIT, SHORT);
        var worker = new Worker(config(cluster, "worker", 0), FIT, SHORT);
        var server = new Worker(config(cluster, "ps", 0), FIT, SHORT);
        var evaluator = new Worker(config(cluster, "evaluator", 0), FIT, SHORT);
        assertThat(chief.exit.join()).as(chief.text()).isZero();
        assertThat(worker.exit.join()).as(worker.text()).isZero();
        assertThat(server.exit.join()).isZero();
        assertThat(evaluator.exit.join()).isZero();
        assertThat(chief.text()).contains("saved");
        assertThat(server.text()).contains("no parameter server is needed");
        assertThat(evaluator.text()).contains("evaluate");
    }

    @Test
    void workersThatDoNotComeAreNamed() throws IOException {
        var cluster = workers(3);
        var timeouts = new Timeouts(Duration.ofMillis(700), Duration.ofSeconds(5));
        var leader = new Worker(config(cluster, "worker", 0), FIT, timeouts);
        assertThat(leader.exit.join()).isEqualTo(ExitCodes.RETRY);
        assertThat(leader.text()).contains("these did not come: worker 1 (127.0.0.1:", "worker 2 (127.0.0.1:");

        var follower = new Worker(config(cluster, "worker", 1), FIT, timeouts);
        assertThat(follower.exit.join()).isEqualTo(ExitCodes.RETRY);
        assertThat(follower.text()).contains("worker 0 at 127.0.0.1:", "could not be joined within 0.7 s");
    }

    @Test
    void aWorkerWithOtherSettingsIsRefused() throws IOException {
        var cluster = workers(2);
        var leader = new Worker(config(cluster, "worker", 0), FIT, SHORT);
        var other = new Worker(config(cluster, "worker", 1), FIT.epochs(9), SHORT);
        assertThat(other.exit.join()).isEqualTo(ExitCodes.FAILED);
        assertThat(other.text()).contains("refused this worker: another job, or the same one with other settings");
        var right = new Worker(config(cluster, "worker", 1), FIT, SHORT);
        assertThat(right.exit.join()).isZero();
        assertThat(leader.exit.join()).as(leader.text()).isZero();
        assertThat(leader.text()).contains("worker 0 refused");
    }

    @Test
    void strangersAreDroppedWhileTheJobWaits() throws Exception {
        var cluster = workers(2);
        var leader = new Worker(config(cluster, "worker", 0), FIT, SHORT);
        try (var silent = connect(cluster);
                var stranger = connect(cluster)) {
            stranger.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> leader.text().contains("does not speak the trainer's protocol"));
            var right = new Worker(config(cluster, "worker", 1), FIT, SHORT);
            assertThat(right.exit.join()).isZero();
            assertThat(leader.exit.join()).isZero();
            assertThat(silent.isConnected()).isTrue();
        }
    }

    @Test
    void theLeaderSaysWhichWorkerItLost() throws Exception {
        var address = address();
        var spec = new ClusterSpec(Map.of("worker", List.of(address, "127.0.0.1:1")), "worker", 0);
        var other = new ClusterSpec(spec.tasks(), "worker", 1);
        var log = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        try (var leader = SocketExchange.open(spec, "s", SHORT, Map.of(), log);
                var follower = SocketExchange.open(other, "s", SHORT, Map.of(), log)) {
            var joined = CompletableFuture.supplyAsync(() -> leader.agree(new byte[] {1, 2}));
            assertThat(follower.agree(new byte[2])).containsExactly(1, 2);
            assertThat(joined.join()).containsExactly(1, 2);
            var total = CompletableFuture.supplyAsync(() -> {
                var values = new float[] {1, 10};
                leader.sum(values);
                return values;
            });
            var own = new float[] {2, 20};
            follower.sum(own);
            assertThat(own).containsExactly(3, 30);
            assertThat(total.join()).containsExactly(3, 30);

            follower.close();
            assertThatThrownBy(() -> leader.sum(new float[2]))
                    .isInstanceOf(WorkerLostException.class)
                    .hasMessageContaining("lost worker 1 at 127.0.0.1:1 in step 1: it closed the connection");
        }
    }

    private static Socket connect(String cluster) {
        int port = Integer.parseInt(cluster.replaceFirst("^[^:]*:\\[\"127\\.0\\.0\\.1:(\\d+)\".*$", "$1"));
        return Awaitility.await().ignoreExceptions().until(() -> new Socket("127.0.0.1", port), Socket::isConnected);
    }

    private static String workers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + address() + "\"")
                .collect(Collectors.joining(",", "{\"worker\":[", "]}"));
    }

    private static String address() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String config(String cluster, String type, int index) {
        return "{\"cluster\":%s,\"task\":{\"type\":\"%s\",\"index\":%d},\"environment\":\"cloud\"}"
                .formatted(cluster, type, index);
    }
}
