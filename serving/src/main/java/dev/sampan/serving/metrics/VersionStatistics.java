package dev.sampan.serving.metrics;

import dev.sampan.serving.tensor.Timings;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a version of a model has done so far. Thread-safe. */
public final class VersionStatistics {
    /** Sizes of batches that are told apart; the rest counts as one. */
    private static final int MAX_SIZES = 256;

    private final Total success = new Total();
    private final Total fail = new Total();
    private final Total queue = new Total();
    private final Stages stages = new Stages();
    private final LongAdder rows = new LongAdder();
    private final LongAdder executions = new LongAdder();
    private final AtomicLong lastMillis = new AtomicLong();
    private final Map<Integer, Stages> bySize = new ConcurrentHashMap<>();

    /** A number of times something took place, and the time it took in all. */
    public static final class Total {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void add(long times, long took) {
            count.add(times);
            nanos.add(took);
        }

        public long count() {
            return count.sum();
        }

        public long nanos() {
            return nanos.sum();
        }
    }

    /** The parts of a run. */
    public static final class Stages {
        public final Total input = new Total();
        public final Total infer = new Total();
        public final Total output = new Total();

        void add(long times, Timings timings) {
            input.add(times, timings.inputNanos());
            infer.add(times, timings.runNanos());
            output.add(times, timings.outputNanos());
        }
    }

    void succeeded(Instant now, long rowCount, Timings timings, long nanos) {
        success.add(1, nanos);
        queue.add(1, timings.queueNanos());
        stages.add(1, timings);
        rows.add(rowCount);
        lastMillis.set(now.toEpochMilli());
        if (timings.executions() > 0) {
            executions.add(timings.executions());
            if (bySize.size() < MAX_SIZES || bySize.containsKey(timings.batchRows())) {
                bySize.computeIfAbsent(timings.batchRows(), size -> new Stages())
                        .add(timings.executions(), timings);
            }
        }
    }

    void failed(Instant now, long nanos) {
        fail.add(1, nanos);
        lastMillis.set(now.toEpochMilli());
    }

    /** Requests that were answered, from their check to their outputs. */
    public Total success() {
        return success;
    }

    public Total fail() {
        return fail;
    }

    /** Waiting for a batch. */
    public Total queue() {
        return queue;
    }

    public Stages stages() {
        return stages;
    }

    /** Rows of all answered requests. */
    public long rows() {
        return rows.sum();
    }

    /** Runs of the model. */
    public long executions() {
        return executions.sum();
    }

    /** Time of the last request, in milliseconds since 1970; 0 before the first. */
    public long lastMillis() {
        return lastMillis.get();
    }

    /** Runs by the rows of the batch. */
    public Map<Integer, Stages> bySize() {
        return new TreeMap<>(bySize);
    }
}
