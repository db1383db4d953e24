package dev.sampan.serving.servable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.inference.Recorder;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A manager with memory for 100 bytes of models. */
class PagingTest {
    private final FakeEngine engine = new FakeEngine();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<String> events = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final ServableManager manager = new ServableManager(
            engine,
            new ManagerOptions(TransitionPolicy.AVAILABILITY_PRESERVING, 2, Duration.ofSeconds(60), false, 100),
            tasks::add,
            tasks::add,
            () -> now,
            WarmUp.NONE,
            new ManagerEvents() {
                @Override
                public void pagedOut(String model, long version) {
                    events.add("out " + model);
                }

                @Override
                public void loaded(String model, long version, long bytes, long nanos, boolean again) {
                    events.add((again ? "back " : "in ") + model);
                }
            });

    @Test
    void whatWasUsedLongestAgoMakesRoomAndComesBackWhenItIsAskedFor() {
        add("a", 40);
        add("b", 40);
        use("a");
        add("c", 40);
        assertThat(events).containsExactly("in a", "in b", "out b", "in c");
        assertThat(manager.availableModels()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(manager.available(ModelSpec.latest("b"))).isEqualTo(1);
        assertThat(manager.versions("b").getFirst().pagedOut()).isTrue();
        use("b");
        assertThat(events).endsWith("out a", "back b");
        assertThat(engine.log).containsExactly("load a", "load b", "close b", "load c", "close a", "load b");
    }

    @Test
    void aModelInUseLeavesOnlyWhenItsLastRequestIsDone() {
        add("a", 60);
        var handle = manager.acquire(ModelSpec.latest("a"));
        aspire("b", 60);
        runAll();
        assertThat(engine.log).containsExactly("load a");
        assertThat(engine.inMemory()).isEqualTo(60);
        handle.close();
        runAll();
        assertThat(engine.log).containsExactly("load a", "close a", "load b");
    }

    @Test
    void aModelLargerThanTheLimitFailsAndOthersStay() {
        add("a", 60);
        add("b", 101);
        assertThat(manager.versions("b").getFirst().message()).contains("101 bytes", "limit of 100");
        assertThat(engine.log).containsExactly("load a");
        use("a");
    }

    @Test
    void aModelThatDoesNotComeBackSaysWhy() {
        add("a", 60);
        add("b", 60);
        engine.broken.add("a");
        assertThatThrownBy(() -> use("a")).isInstanceOf(ServingException.class).hasMessageContaining("broken");
        assertThatThrownBy(() -> manager.available(ModelSpec.latest("a"))).isInstanceOf(ServingException.class);
        engine.broken.clear();
        now = now.plusSeconds(61);
        manager.tick();
        runAll();
        use("a");
    }

    @Test
    void aVersionThatIsPagedOutUnloads() {
        add("a", 60);
        add("b", 60);
        manager.remove("a");
        runAll();
        assertThat(manager.availableModels()).containsExactly("b");
        assertThat(manager.versions("a").getFirst().state()).isEqualTo(VersionState.END);
    }

    @Test
    void aModelThatTurnsOutLargerPushesOthersOut() {
        add("a", 40);
        engine.loadedSizes.put("b", 80L);
        add("b", 40);
        assertThat(events).containsExactly("in a", "in b", "out a");
        assertThat(engine.inMemory()).isEqualTo(80);
    }

    @Test
    void onlySoManyRequestsWaitForModelsThatAreNotInMemory() {
        add("a", 60);
        add("b", 60);
        var waiting = new ArrayDeque<Runnable>();
        var predictor = new AsyncPredictor(
                manager, new Predictor(new ServingMetrics(() -> now), Recorder.NONE), waiting::add, 2);
        var jobs = IntStream.range(0, 3).mapToObj(i -> new Job("a")).toList();
        jobs.forEach(predictor::start);
        assertThat(jobs.get(2).failure)
                .isInstanceOfSatisfying(
                        ServingException.class, e -> assertThat(e.code()).isEqualTo(Code.RESOURCE_EXHAUSTED))
                .hasMessageContaining("2 requests are already waiting");
        use("a");
        waiting.remove().run();
        predictor.start(new Job("b"));
        assertThat(waiting).hasSize(2);
        waiting.remove().run();
        assertThat(jobs).extracting(job -> job.answered).containsExactly(true, true, false);
    }

    /** A request for a model without inputs. */
    private static final class Job implements AsyncPredictor.Job {
        private final String model;
        private final BufferScope scope = new BufferPool(0).scope();
        boolean answered;

        @Nullable
        Throwable failure;

        Job(String model) {
            this.model = model;
        }

        @Override
        public BufferScope scope() {
            return scope;
        }

        @Override
        public ModelSpec spec() {
            return ModelSpec.latest(model);
        }

        @Override
        public Signature signature(LoadedModel loaded) {
            return new Signature(Signature.DEFAULT, Signature.PREDICT, List.of(), List.of());
        }

        @Override
        public Map<String, Tensor> inputs() {
            return Map.of();
        }

        @Override
        public List<String> filter() {
            return List.of();
        }

        @Override
        public void answer(ServableHandle handle, Signature signature, Map<String, Tensor> outputs) {
            answered = true;
        }

        @Override
        public void fail(Throwable cause) {
            failure = cause;
        }
    }

    /** At random: never more in memory than allowed, and every request gets the model that it asked for. */
    @Test
    void neverExceedsTheLimit() {
        for (long seed = 1; seed <= 20; seed++) {
            var random = new SplittableRandom(seed);
            for (int step = 0; step < 200; step++) {
                var model = "m" + random.nextInt(8);
                switch (random.nextInt(10)) {
                    case 0 -> aspire(model, 10 + random.nextInt(60));
                    case 1 -> manager.remove(model);
                    default -> {
                        if (manager.availableModels().contains(model)) {
                            use(model);
                        }
                    }
                }
                if (random.nextBoolean()) {
                    runAll();
                }
                assertThat(engine.inMemory())
                        .as("seed " + seed + " step " + step)
                        .isLessThanOrEqualTo(100);
            }
            runAll();
        }
    }

    private void add(String model, long bytes) {
        aspire(model, bytes);
        runAll();
    }

    private void aspire(String model, long bytes) {
        engine.sizes.putIfAbsent(model, bytes);
        manager.aspire(model, List.of(new AspiredVersion(1, Path.of(model), "")));
    }

    /** A request; time goes on. */
    private void use(String model) {
        now = now.plusSeconds(1);
        var request = CompletableFuture.runAsync(() -> {
            try (var handle = manager.acquire(ModelSpec.latest(model))) {
                assertThat(handle.model().classNames()).containsExactly(model);
            }
        });
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            runAll();
            return request.isDone();
        });
        try {
            request.join();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof ServingException failure) {
                throw failure;
            }
            throw e;
        }
        runAll();
    }

    private void runAll() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
