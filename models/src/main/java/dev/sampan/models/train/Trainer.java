package dev.sampan.models.train;

import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.Split;
import dev.sampan.models.network.Backpropagation;
import dev.sampan.models.network.Network;
import dev.sampan.models.network.Optimizer;
import dev.sampan.models.parallel.GradientExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Synchronous mini-batch training. Every worker walks through the same batches in the same order, computes the gradient of
 * its slice of each, and takes the same step with the sum of all slices: n workers train what one would, up to the rounding
 * of float additions.
 */
public final class Trainer {
    /** Beside the gradient, each exchange carries loss, correct answers and rows. */
    private static final int EXTRA = 3;

    private final Network network;
    private final Dataset rows;
    private final FitOptions options;
    private final GradientExchange exchange;
    private final Optimizer optimizer;
    private final Backpropagation backpropagation;
    private final float[] sums;

    /**
     * State of training after an epoch.
     *
     * @param epoch number of epochs done
     * @param loss mean cross-entropy over the epoch's batches, each before its step
     * @param accuracy share of right answers over the same
     */
    public record Epoch(int epoch, double loss, double accuracy) {}

    /** Trains {@code network} in place. */
    public Trainer(Network network, Dataset rows, FitOptions options, GradientExchange exchange) {
        int count = network.parameters().length;
        this.network = network;
        this.rows = rows;
        this.options = options;
        this.exchange = exchange;
        this.optimizer = options.optimizer().create(count, options.learningRate());
        this.backpropagation =
                new Backpropagation(network, Math.min(64, Math.ceilDiv(options.batchSize(), exchange.size())));
        this.sums = new float[count + EXTRA];
    }

    /**
     * Trains to the end, from worker 0's checkpoint in {@code folder} if there is one.
     *
     * @param settings identity of this run in the checkpoint
     * @param resumed is told the number of epochs already done, if any
     * @param progress is told each epoch
     * @throws IOException if a checkpoint cannot be read or written
     */
    public void run(Path folder, String settings, Consumer<Integer> resumed, Consumer<Epoch> progress)
            throws IOException {
        var checkpoint = new Checkpoint(folder, settings);
        boolean leads = exchange.rank() == 0;
        var state = TrainingState.encode(0, network, optimizer);
        if (leads) {
            var saved = checkpoint.read(state.length);
            state = saved == null ? state : saved;
        }
        int done = TrainingState.decode(exchange.agree(state), network, optimizer);
        if (done > 0) {
            resumed.accept(done);
        }
        for (int epoch = done; epoch < options.epochs(); epoch++) {
            var result = epoch(epoch);
            if (leads && epoch + 1 < options.epochs()) {
                checkpoint.write(TrainingState.encode(epoch + 1, network, optimizer));
            }
            progress.accept(result);
        }
    }

    /** Removes the checkpoint of a training that was interrupted; the next run starts from the beginning. */
    public static void forget(Path folder) throws IOException {
        new Checkpoint(folder, "").delete();
    }

    private Epoch epoch(int epoch) {
        int[] order = order(epoch);
        double loss = 0;
        double correct = 0;
        for (int from = 0; from < order.length; from += options.batchSize()) {
            step(order, from, Math.min(order.length, from + options.batchSize()));
            loss += sums[sums.length - EXTRA];
            correct += sums[sums.length - EXTRA + 1];
        }
        return new Epoch(epoch + 1, loss / order.length, correct / order.length);
    }

    private void step(int[] order, int from, int to) {
        int count = network.parameters().length;
        Arrays.fill(sums, 0);
        var own = backpropagation.add(
                rows.features(),
                rows.labels(),
                order,
                slice(from, to, exchange.rank()),
                slice(from, to, exchange.rank() + 1),
                sums);
        sums[count] = (float) own.loss();
        sums[count + 1] = own.correct();
        sums[count + 2] = own.rows();
        exchange.sum(sums);
        float mean = 1 / sums[count + 2];
        for (int i = 0; i < count; i++) {
            sums[i] *= mean;
        }
        optimizer.step(network.parameters(), sums);
    }

    /** Where the part of a batch that belongs to {@code rank} begins. */
    private int slice(int from, int to, int rank) {
        return from + (int) ((long) (to - from) * rank / exchange.size());
    }

    private int[] order(int epoch) {
        var order = new int[rows.rows()];
        Arrays.setAll(order, i -> i);
        return Split.shuffle(order, new SplittableRandom(options.seed() * 1_000_003L + epoch));
    }
}
