package dev.sampan.serving.batching;

/** How long a model takes, as a moving average over its runs. Thread-safe; an update that gets lost does not matter. */
final class Speed {
    private static final double WEIGHT = 0.1;

    private volatile double nanosPerRow;
    private volatile double nanosPerRun;

    void ran(int rows, long nanos) {
        nanosPerRow = average(nanosPerRow, (double) nanos / Math.max(1, rows));
        nanosPerRun = average(nanosPerRun, nanos);
    }

    private static double average(double before, double now) {
        return before == 0 ? now : before + WEIGHT * (now - before);
    }

    /** 0 if nothing has run yet. */
    double nanosPerRow() {
        return nanosPerRow;
    }

    double nanosPerRun() {
        return nanosPerRun;
    }
}
