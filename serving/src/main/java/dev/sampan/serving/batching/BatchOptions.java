package dev.sampan.serving.batching;

import java.time.Duration;
import java.util.List;

/**
 * How requests are batched. The default is adaptive: nothing waits while there is a free thread, and what has queued up when
 * a thread becomes free runs as one batch, as large as keeps its run within half the latency target.
 *
 * @param maxRows largest batch; a larger request runs in pieces
 * @param delay how long an incomplete batch waits for more
 * @param maxQueuedRows beyond this requests are refused
 * @param parallel batches of one model that run at once
 * @param allowedSizes sizes to which batches are padded, ascending; empty for any
 * @param padVariableLength whether rows of different shapes run together, the smaller ones padded with their first element
 * @param latencyTarget for the adaptive limit of a batch; zero for none
 * @param maxWait requests that would have to wait longer, by the measured speed, are refused
 */
public record BatchOptions(
        int maxRows,
        Duration delay,
        int maxQueuedRows,
        int parallel,
        List<Integer> allowedSizes,
        boolean padVariableLength,
        Duration latencyTarget,
        Duration maxWait) {

    public BatchOptions {
        allowedSizes = List.copyOf(allowedSizes);
        if (maxRows < 1 || parallel < 1 || maxQueuedRows < 1) {
            throw new IllegalArgumentException("batch size, queue length and threads must be positive");
        }
        if (!allowedSizes.isEmpty() && allowedSizes.getLast() != maxRows) {
            throw new IllegalArgumentException(
                    "the last of allowed_batch_sizes " + allowedSizes + " must be max_batch_size " + maxRows);
        }
    }

    /** Adaptive, for a latency of 10 ms, on all processors. */
    public static BatchOptions adaptive() {
        return new BatchOptions(
                1000,
                Duration.ZERO,
                10_000,
                Runtime.getRuntime().availableProcessors(),
                List.of(),
                false,
                Duration.ofMillis(10),
                Duration.ofSeconds(10));
    }

    /** The same limits, but every request runs by itself, whole. */
    BatchOptions alone() {
        return new BatchOptions(1, Duration.ZERO, maxQueuedRows, parallel, List.of(), false, Duration.ZERO, maxWait);
    }

    /** The size that a batch of so many rows is padded to. */
    int padded(int rows) {
        for (int size : allowedSizes) {
            if (size >= rows) {
                return size;
            }
        }
        return rows;
    }
}
