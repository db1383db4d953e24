package dev.sampan.models.parallel;

/**
 * How the workers of one training job act as one. Every worker calls the same methods in the same order. A worker that is
 * lost fails the call of every other one with a {@link WorkerLostException}.
 */
public interface GradientExchange extends AutoCloseable {

    /** This worker's number, from 0; worker 0 reports and writes the model. */
    int rank();

    /** Number of workers. */
    int size();

    /** Waits until every worker is there; all of them then have worker 0's state. */
    byte[] agree(byte[] state);

    /** Replaces the values by their sums over all workers, added in the order of ranks. */
    void sum(float[] values);

    @Override
    void close();

    /** A job of one. */
    static GradientExchange alone() {
        return new Alone();
    }

    /** One worker: nothing to exchange. */
    record Alone() implements GradientExchange {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public byte[] agree(byte[] state) {
            return state;
        }

        @Override
        public void sum(float[] values) {
            // The sum over one worker.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
