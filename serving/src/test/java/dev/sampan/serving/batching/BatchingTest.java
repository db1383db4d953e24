package dev.sampan.serving.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Batching with a model that doubles its input, runs when it is let, and refuses negative numbers. */
class BatchingTest {
    private static final Signature SIGNATURE = new Signature(
            Signature.DEFAULT,
            Signature.PREDICT,
            List.of(new TensorSpec("x", DType.INT32, new long[] {-1, -1})),
            List.of(new TensorSpec("y", DType.INT32, new long[] {-1, -1})));

    private final BufferPool pool = new BufferPool(1 << 20);
    private final List<Integer> batches = new CopyOnWriteArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private final List<Thread> callers = new CopyOnWriteArrayList<>();
    private volatile long now;
    /** Time that every run takes by the clock. */
    private volatile long ticks;

    private final class Doubling implements LoadedModel {
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
            var x = (Tensor.Numeric) Objects.requireNonNull(inputs.get("x"));
            batches.add((int) x.shape()[0]);
            permits.acquireUninterruptibly();
            now += ticks;
            var y = buffers.take(x.data().limit());
            for (int at = 0; at < x.data().limit(); at += 4) {
                if (x.data().getInt(at) < 0) {
                    throw ServingException.invalid("negative");
                }
                y.putInt(at, 2 * x.data().getInt(at));
            }
            return Map.of("y", new Tensor.Numeric(DType.INT32, x.shape(), y));
        }

        @Override
        public void close() {}
    }

    private LoadedModel model(BatchOptions options) {
        return new BatchedModel(new Doubling(), options, false, pool, Runnable::run, Runnable::run, () -> now);
    }

    private static BatchOptions options(int maxRows, int maxQueued, int parallel, Integer... sizes) {
        return new BatchOptions(
                maxRows, Duration.ZERO, maxQueued, parallel, List.of(sizes), false, Duration.ZERO, Duration.ofDays(1));
    }

    @Test
    void whatQueuesUpDuringARunIsTheNextBatch() {
        var model = model(options(1000, 1000, 1));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var others = IntStream.range(2, 7)
                .mapToObj(i -> call(model, pool.scope(), i, i + 100))
                .toList();
        awaitQueued(5);
        permits.release(2);
        assertThat(first.join()).containsExactly(2);
        for (int i = 0; i < 5; i++) {
            assertThat(others.get(i).join()).containsExactly(2 * (i + 2), 2 * (i + 102));
        }
        assertThat(batches).containsExactly(1, 10);
    }

    @Test
    void aBatchIsNoLargerThanAllowedAndPaddedToAnAllowedSize() {
        var model = model(options(4, 1000, 1, 2, 4));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var others = IntStream.range(0, 7)
                .mapToObj(i -> call(model, pool.scope(), i))
                .toList();
        awaitQueued(7);
        permits.release(10);
        first.join();
        for (int i = 0; i < 7; i++) {
            assertThat(others.get(i).join()).containsExactly(2 * i);
        }
        assertThat(batches).containsExactly(2, 4, 4);
    }

    @Test
    void aFullQueueRefusesAtOnceAndALargeRequestRunsInPieces() {
        var model = model(options(4, 6, 1));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var large = call(model, pool.scope(), 1, 2, 3, 4, 5);
        awaitQueued(1);
        refused(call(model, pool.scope(), 7, 8, 9), "is refused");
        permits.release(3);
        first.join();
        assertThat(large.join()).containsExactly(2, 4, 6, 8, 10);
        assertThat(batches).containsExactly(1, 4, 1);
    }

    private static void refused(CompletableFuture<?> call, String why) {
        assertThatThrownBy(call::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining(why)
                .cause()
                .isInstanceOfSatisfying(
                        ServingException.class, e -> assertThat(e.code()).isEqualTo(Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void urgentRequestsRunFirstAndDisplaceOthersFromAFullQueue() {
        var model = model(options(1, 2, 1));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var usual = call(model, scope(4), 2);
        awaitQueued(1);
        var patient = call(model, scope(8), 3);
        awaitQueued(2);
        var urgent = call(model, scope(1), 4);
        refused(patient, "had to make room for more urgent ones");
        awaitQueued(2);
        permits.release();
        first.join();
        permits.release();
        assertThat(urgent.join()).containsExactly(8);
        assertThat(usual).isNotDone();
        permits.release();
        assertThat(usual.join()).containsExactly(4);
    }

    private BufferScope scope(int priority) {
        return pool.scope(BufferScope.NO_DEADLINE, priority);
    }

    @Test
    void aRequestThatCannotRunInTimeIsRefusedAtOnce() {
        permits.release();
        var model = model(options(1, 100, 1));
        // The first run takes a second by the clock, so that the measured speed is a second a row.
        ticks = 1_000_000_000L;
        call(model, pool.scope(), 1).join();
        ticks = 0;
        var running = call(model, pool.scope(), 1);
        awaitBatches(2);
        var waiting = call(model, pool.scope(), 2);
        awaitQueued(1);
        refused(call(model, pool.scope(now + 1_000_000), 3), "would have to wait too long");
        permits.release(2);
        running.join();
        assertThat(waiting.join()).containsExactly(4);
    }

    @Test
    void rowsOfDifferentShapesRunTogetherWhereTheyMayBePadded() {
        var model =
                model(new BatchOptions(10, Duration.ZERO, 100, 1, List.of(), true, Duration.ZERO, Duration.ofDays(1)));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var narrow = callWide(model, 1, 7);
        var wide = callWide(model, 3, 5, 6, 7);
        awaitQueued(2);
        permits.release(2);
        first.join();
        assertThat(wide.join()).containsExactly(10, 12, 14);
        // Padded with its own first element to the width of the other.
        assertThat(narrow.join()).containsExactly(14, 14, 14);
        assertThat(batches).containsExactly(1, 2);
    }

    @Test
    void aQuickModelRunsInTheReadingThreadOnceThatHasRead() {
        var afterReading = new ArrayDeque<Runnable>();
        var model = new BatchedModel(
                new Doubling(), options(1000, 1000, 1), false, pool, Runnable::run, afterReading::add, () -> now);
        permits.release(10);
        ticks = 1_000_000;
        assertThat(start(model, 1)).isCompletedWithValue(List.of(2));
        var read = List.of(start(model, 2), start(model, 3, 4));
        assertThat(batches).as("nothing runs while there is more to read").containsExactly(1);
        assertThat(afterReading).hasSize(1);
        afterReading.remove().run();
        assertThat(read.get(0)).isCompletedWithValue(List.of(4));
        assertThat(read.get(1)).isCompletedWithValue(List.of(6, 8));
        assertThat(batches).containsExactly(1, 3);
        ticks = 100_000_000;
        var slow = start(model, 5);
        afterReading.remove().run();
        assertThat(slow).isCompletedWithValue(List.of(10));
        assertThat(start(model, 6)).as("the model has become slow").isCompletedWithValue(List.of(12));
        assertThat(afterReading).isEmpty();
    }

    /** A request that no thread waits for. */
    private CompletableFuture<List<Integer>> start(LoadedModel model, int... values) {
        var scope = pool.scope();
        var result = new CompletableFuture<List<Integer>>();
        model.start(SIGNATURE, Map.of("x", column(scope, values)), List.of("y"), scope, new LoadedModel.Outcome() {
            @Override
            public void succeeded(Map<String, Tensor> outputs) {
                result.complete(first(outputs, values.length));
            }

            @Override
            public void failed(Throwable cause) {
                result.completeExceptionally(cause);
            }
        });
        return result;
    }

    /** One row of that many values. */
    private CompletableFuture<List<Integer>> callWide(LoadedModel model, int width, int... values) {
        var result = new CompletableFuture<List<Integer>>();
        callers.add(Thread.ofVirtual().start(() -> {
            try (var scope = pool.scope()) {
                var data = scope.take(width * 4L);
                for (int i = 0; i < width; i++) {
                    data.putInt(i * 4, values[i]);
                }
                var x = new Tensor.Numeric(DType.INT32, new long[] {1, width}, data);
                var y = (Tensor.Numeric)
                        Objects.requireNonNull(model.run(SIGNATURE, Map.of("x", x), List.of("y"), scope)
                                .get("y"));
                result.complete(IntStream.range(0, (int) y.shape()[1])
                        .mapToObj(i -> y.data().getInt(i * 4))
                        .toList());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    @Test
    void aRequestPastItsDeadlineCostsNothing() {
        var model = model(options(10, 100, 1));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var late = call(model, pool.scope(1000), 2);
        var patient = call(model, pool.scope(3000), 3);
        awaitQueued(2);
        now = 2000;
        permits.release(2);
        first.join();
        assertThat(patient.join()).containsExactly(6);
        assertThatThrownBy(late::join).hasMessageContaining("deadline passed");
        assertThat(batches).containsExactly(1, 1);
    }

    @Test
    void oneBadRequestSpoilsNoOther() {
        var model = model(options(10, 100, 1));
        var first = call(model, pool.scope(), 1);
        awaitBatches(1);
        var good = call(model, pool.scope(), 2);
        var bad = call(model, pool.scope(), -3);
        awaitQueued(2);
        permits.release(10);
        first.join();
        assertThat(good.join()).containsExactly(4);
        assertThatThrownBy(bad::join).hasMessageContaining("negative");
    }

    @Test
    void differentShapesRunApart() {
        permits.release(10);
        var model = model(options(10, 100, 1));
        try (var scope = pool.scope()) {
            var wide = new Tensor.Numeric(
                    DType.INT32, new long[] {1, 2}, scope.take(8).putInt(0, 1).putInt(4, 2));
            assertThat(model.run(SIGNATURE, Map.of("x", wide), List.of("y"), scope))
                    .hasEntrySatisfying("y", y -> assertThat(y.shape()).containsExactly(1, 2));
        }
    }

    @Test
    void anIncompleteBatchWaitsForMoreAsLongAsItMay() {
        permits.release(10);
        var model = model(new BatchOptions(
                3, Duration.ofMinutes(1), 100, 2, List.of(), false, Duration.ZERO, Duration.ofDays(1)));
        var calls = new ArrayList<CompletableFuture<List<Integer>>>();
        for (int i = 0; i < 3; i++) {
            calls.add(call(model, pool.scope(), i));
        }
        for (int i = 0; i < 3; i++) {
            assertThat(calls.get(i).join()).containsExactly(2 * i);
        }
        assertThat(batches).containsExactly(3);
    }

    /** Many threads, random sizes: every answer is right, and the bucket never gets stuck. */
    @Test
    void underLoadEveryRequestGetsItsOwnAnswer() throws Exception {
        permits.release(Integer.MAX_VALUE / 2);
        var model = model(options(16, 100_000, 2, 1, 4, 16));
        var wrong = new ConcurrentLinkedQueue<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < 32; t++) {
                var unused = threads.submit(() -> {
                    var random = ThreadLocalRandom.current();
                    for (int i = 0; i < 300; i++) {
                        int[] values =
                                random.ints(random.nextInt(1, 20), 0, 1_000_000).toArray();
                        try (var scope = pool.scope()) {
                            var answer = run(model, scope, values);
                            for (int k = 0; k < values.length; k++) {
                                if (answer.get(k) != 2 * values[k]) {
                                    wrong.add(values[k] + " became " + answer.get(k));
                                }
                            }
                        }
                    }
                    return null;
                });
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(batches.stream().mapToInt(Integer::intValue).max().orElse(0)).isGreaterThan(1);
    }

    private CompletableFuture<List<Integer>> call(LoadedModel model, BufferScope scope, int... values) {
        var result = new CompletableFuture<List<Integer>>();
        callers.add(Thread.ofVirtual().start(() -> {
            try {
                result.complete(run(model, scope, values));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    private static List<Integer> run(LoadedModel model, BufferScope scope, int... values) {
        return first(model.run(SIGNATURE, Map.of("x", column(scope, values)), List.of("y"), scope), values.length);
    }

    /** Rows of one value. */
    private static Tensor column(BufferScope scope, int... values) {
        var data = scope.take(values.length * 4L);
        for (int i = 0; i < values.length; i++) {
            data.putInt(i * 4, values[i]);
        }
        return new Tensor.Numeric(DType.INT32, new long[] {values.length, 1}, data);
    }

    private static List<Integer> first(Map<String, Tensor> outputs, int count) {
        var y = (Tensor.Numeric) Objects.requireNonNull(outputs.get("y"));
        return IntStream.range(0, count).mapToObj(i -> y.data().getInt(i * 4)).toList();
    }

    private void awaitBatches(int count) {
        Awaitility.await().until(() -> batches.size() == count);
    }

    /** All callers but the one that runs are parked in the queue. */
    private void awaitQueued(int count) {
        Awaitility.await()
                .until(() -> callers.stream()
                                .filter(thread -> thread.getState() == Thread.State.WAITING)
                                .count()
                        == count + 1);
    }
}
