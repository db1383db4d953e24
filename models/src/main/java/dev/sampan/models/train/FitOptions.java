package dev.sampan.models.train;

import dev.sampan.models.network.Optimizer;

/**
 * How to fit.
 *
 * @param epochs passes over the training rows
 * @param batchSize rows of one step, over all workers together
 * @param optimizer which optimizer
 * @param learningRate its rate
 * @param seed of the first weights and of the order of rows
 */
public record FitOptions(int epochs, int batchSize, Optimizer.Kind optimizer, float learningRate, long seed) {

    public FitOptions {
        if (epochs < 1 || batchSize < 1 || !(learningRate > 0)) {
            throw new IllegalArgumentException("epochs, batch size and learning rate must be positive");
        }
    }

    /** 30 epochs of batches of 32 rows with Adam. */
    public static FitOptions usual() {
        return new FitOptions(30, 32, Optimizer.Kind.ADAM, Optimizer.Kind.ADAM.usualRate(), 1);
    }

    /** The same for another number of epochs. */
    public FitOptions epochs(int other) {
        return new FitOptions(other, batchSize, optimizer, learningRate, seed);
    }
}
