package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in an engine or a queue is told to its client, and to nobody else. */
class FaultTest {
    private static final String BODY = "{\"instances\": [[1.0]]}";
    private static final Signature SIGNATURE = new Signature(
            Signature.DEFAULT,
            Signature.PREDICT,
            List.of(new TensorSpec("x", DType.FLOAT, new long[] {-1, 1})),
            List.of(new TensorSpec("y", DType.FLOAT, new long[] {-1, 1})));

    @TempDir
    Path folder;

    private final Semaphore permits = new Semaphore(0);

    /** Model {@code crash} throws when it runs, model {@code slow} waits for a permit, others echo their input. */
    private final Engine engine = path -> new Echo(path.toString());

    private final class Echo implements LoadedModel {
        private final String path;

        Echo(String path) {
            this.path = path;
        }

        @Override
        public Map<String, Signature> signatures() {
            return Map.of(SIGNATURE.name(), SIGNATURE);
        }

        @Override
        public List<String> classNames() {
            return List.of();
        }

        @Override
        public long memoryBytes() {
            return 0;
        }

        @Override
        public Map<String, Tensor> run(
                Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
            if (path.contains("crash")) {
                throw new IllegalStateException("the engine has crashed");
            }
            if (path.contains("slow")) {
                permits.acquireUninterruptibly();
            }
            var x = (Tensor.Numeric) inputs.values().iterator().next();
            var data = buffers.take(x.data().limit());
            return Map.of(
                    "y",
                    new Tensor.Numeric(
                            DType.FLOAT,
                            x.shape(),
                            data.put(0, x.data(), 0, x.data().limit())));
        }

        @Override
        public void close() {}
    }

    private ModelServer server(BatchOptions batching, String... models) throws Exception {
        for (var model : models) {
            Files.createDirectories(folder.resolve(model).resolve("1"));
        }
        var options = TestServers.options(folder, List.of(models)).with(batching);
        return new ModelServer(options, engine, InstantSource.system()).start();
    }

    @Test
    void anEngineThatCrashesLeavesServerAndOtherModelsAlone() throws Exception {
        try (var server = server(BatchOptions.adaptive(), "crash", "good");
                var client = new RestClient(server.restUri())) {
            for (int i = 0; i < 20; i++) {
                var crashed = client.post("/v1/models/crash:predict", BODY);
                assertThat(crashed.status()).isEqualTo(500);
                assertThat(crashed.error()).contains("the engine has crashed");
                assertThat(client.post("/v1/models/good:predict", BODY)
                                .json()
                                .at("/predictions/0/0")
                                .asDouble())
                        .isEqualTo(1.0);
            }
            assertThat(client.get("/v2/models/crash/stats")
                            .json()
                            .at("/model_stats/0/inference_stats/fail/count")
                            .asInt())
                    .isEqualTo(20);
        }
    }

    @Test
    void aFullQueueAnswers429AtOnceAndTheRestIsAnswered() throws Exception {
        var small = new BatchOptions(1, Duration.ZERO, 2, 1, List.of(), false, Duration.ZERO, Duration.ofDays(1));
        try (var server = server(small, "slow", "good");
                var client = new RestClient(server.restUri());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<RestClient.Answer>>();
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(() -> client.post("/v1/models/slow:predict", BODY)));
            }
            // One runs and two wait; the other five find no room and are not kept.
            Awaitility.await().until(() -> calls.stream().filter(Future::isDone).count() == 5);
            assertThat(client.post("/v1/models/good:predict", BODY).status()).isEqualTo(200);
            permits.release(3);
            int refused = 0;
            for (var call : calls) {
                var answer = call.get();
                refused += answer.status() == 429 ? 1 : 0;
                assertThat(answer.status()).isIn(200, 429);
            }
            assertThat(refused).isEqualTo(5);
        }
    }

    @Test
    void aServerThatIsToldToStopFinishesWhatItHas() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
        try (var server = ChildServer.start(
                        "--model_name=m", "--model_base_path=" + folder.resolve("m"), "--drain_seconds=3");
                var client = new RestClient(server.uri());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(client.get("/v2/health/ready").status()).isEqualTo(200);
            var code = threads.submit(server::terminate);
            // Readiness goes first; requests are answered all the while.
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> client.get("/v2/health/ready").status() == 400);
            // Clients are told to connect anew, which now leads them elsewhere; who comes all the same is served.
            try (var late = new RestClient(server.uri())) {
                assertThat(late.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}")
                                .status())
                        .isEqualTo(200);
            }
            assertThat(code.get()).isZero();
        }
    }
}
