package dev.sampan.models.network;

/** Moves parameters against a gradient. Its state is part of a checkpoint. Used by one thread. */
public sealed interface Optimizer permits Adam, Sgd {

    /** One step with a mean gradient. */
    void step(float[] parameters, float[] gradient);

    /** Everything that the next step depends on, besides parameters and gradient: arrays owned by the optimizer. */
    float[][] state();

    /** Number of steps taken. */
    long steps();

    /** Continues after {@code steps} steps; the caller has filled the arrays of {@link #state}. */
    void resumeAt(long steps);

    /** The optimizers there are. */
    enum Kind {
        ADAM,
        SGD;

        /** A new optimizer for {@code count} parameters. */
        public Optimizer create(int count, float learningRate) {
            return this == ADAM ? new Adam(count, learningRate) : new Sgd(count, learningRate);
        }

        /** A learning rate that usually works. */
        public float usualRate() {
            return this == ADAM ? 0.001f : 0.05f;
        }
    }
}
