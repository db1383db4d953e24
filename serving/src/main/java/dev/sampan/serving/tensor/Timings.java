package dev.sampan.serving.tensor;

import java.util.Locale;

/**
 * Where the time of one request went. Owned by whoever has the request at the moment; a request that ran in several pieces
 * has the sums.
 */
public final class Timings {
    private static final double NANOS_PER_MILLI = 1e6;

    private long readNanos;
    private long queueNanos;
    private long inputNanos;
    private long runNanos;
    private long outputNanos;
    private long writeNanos;
    private int batchRows;
    private int paddedRows;
    private int executions;

    /** Times of one run of the model, in nanoseconds. */
    public record Run(long input, long infer, long output) {}

    /** The request was read from the wire's form in this time. */
    public void read(long nanos) {
        readNanos += nanos;
    }

    /** The answer was brought to the wire's form in this time. */
    public void wrote(long nanos) {
        writeNanos += nanos;
    }

    /** The request waited in a queue. */
    public void queued(long nanos) {
        queueNanos += nanos;
    }

    /**
     * The request took part in a run.
     *
     * @param rows of the whole batch, of which {@code padded} with the padding
     * @param counts whether the run is counted with this request: one request of a batch does
     */
    public void ran(int rows, int padded, Run run, boolean counts) {
        inputNanos += run.input;
        runNanos += run.infer;
        outputNanos += run.output;
        batchRows = rows;
        paddedRows = padded;
        executions += counts ? 1 : 0;
    }

    /** Adds what a piece of the request took. */
    public void add(Timings piece) {
        queueNanos += piece.queueNanos;
        inputNanos += piece.inputNanos;
        runNanos += piece.runNanos;
        outputNanos += piece.outputNanos;
        batchRows = piece.batchRows;
        paddedRows = piece.paddedRows;
        executions += piece.executions;
    }

    public long queueNanos() {
        return queueNanos;
    }

    /** Putting the batch's inputs together. */
    public long inputNanos() {
        return inputNanos;
    }

    /** The model itself. */
    public long runNanos() {
        return runNanos;
    }

    /** Taking the batch's outputs apart. */
    public long outputNanos() {
        return outputNanos;
    }

    /** Rows of the batch that the request ran in last; 0 if it has not run. */
    public int batchRows() {
        return batchRows;
    }

    /** The same with the padding. */
    public int paddedRows() {
        return paddedRows;
    }

    /** Runs that are counted with this request. */
    public int executions() {
        return executions;
    }

    /** For the header {@code Server-Timing}: milliseconds of each part, in order. */
    public String serverTiming() {
        return part("read", readNanos) + ", " + part("queue", queueNanos) + ", " + part("input", inputNanos) + ", "
                + part("infer", runNanos) + ", " + part("output", outputNanos) + ", " + part("write", writeNanos)
                + ", batch;desc=\"" + batchRows + " rows\"";
    }

    private static String part(String name, long nanos) {
        return String.format(Locale.ROOT, "%s;dur=%.4f", name, nanos / NANOS_PER_MILLI);
    }
}
