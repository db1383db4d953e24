package dev.sampan.models.network;

/**
 * Sums of gradients of the cross-entropy loss (Rumelhart, Hinton, Williams 1986). Buffers for up to {@code maxRows} rows;
 * used by one thread.
 */
public final class Backpropagation {
    private static final double SMALLEST = 1e-30;

    private final Network network;
    private final ForwardPass forward;
    private final float[][] errors;
    private final float[] batch;
    private final int maxRows;

    /** Loss, correct answers and rows, each a sum. */
    public record Sums(double loss, int correct, int rows) {}

    public Backpropagation(Network network, int maxRows) {
        this.network = network;
        this.maxRows = Math.max(1, maxRows);
        this.forward = new ForwardPass(network, this.maxRows);
        this.batch = new float[this.maxRows * network.inputWidth()];
        this.errors = new float[network.layers() + 1][];
        for (int i = 1; i < errors.length; i++) {
            errors[i] = new float[this.maxRows * network.size(i)];
        }
    }

    /**
     * Adds the gradients of the rows {@code order[from .. to)} to {@code gradient}, which has the parameters' layout. Sums,
     * not means: sums of several workers add up to the sums of one.
     */
    public Sums add(float[] features, int[] labels, int[] order, int from, int to, float[] gradient) {
        double loss = 0;
        int correct = 0;
        for (int start = from; start < to; start += maxRows) {
            int rows = Math.min(maxRows, to - start);
            gather(features, order, start, rows);
            float[] probabilities = forward.run(batch, 0, rows);
            float[] error = errors[network.layers()];
            System.arraycopy(probabilities, 0, error, 0, rows * network.classes());
            for (int row = 0; row < rows; row++) {
                int label = labels[order[start + row]];
                int at = row * network.classes();
                loss -= Math.log(Math.max(probabilities[at + label], SMALLEST));
                correct += argMax(probabilities, at, network.classes()) == label ? 1 : 0;
                error[at + label] -= 1;
            }
            backward(rows, gradient);
        }
        return new Sums(loss, correct, to - from);
    }

    private void gather(float[] features, int[] order, int start, int rows) {
        int width = network.inputWidth();
        for (int row = 0; row < rows; row++) {
            System.arraycopy(features, order[start + row] * width, batch, row * width, width);
        }
    }

    private void backward(int rows, float[] gradient) {
        for (int layer = network.layers() - 1; layer >= 0; layer--) {
            int in = network.size(layer);
            int out = network.size(layer + 1);
            float[] input = forward.activations[layer];
            float[] error = errors[layer + 1];
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < in; i++) {
                    Kernels.add(input[row * in + i], error, row * out, out, gradient, network.weights(layer) + i * out);
                }
                Kernels.add(1, error, row * out, out, gradient, network.biases(layer));
            }
            if (layer > 0) {
                propagate(layer, rows, in, out);
            }
        }
    }

    /** Errors of a layer's inputs; none passes through a ReLU that was off. */
    private void propagate(int layer, int rows, int in, int out) {
        float[] input = forward.activations[layer];
        float[] parameters = network.parameters();
        int weights = network.weights(layer);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < in; i++) {
                errors[layer][row * in + i] = input[row * in + i] > 0
                        ? Kernels.dot(parameters, weights + i * out, errors[layer + 1], row * out, out)
                        : 0;
            }
        }
    }

    /** Index, counted from {@code from}, of the largest of {@code count} values; the first of equal ones. */
    public static int argMax(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
