package dev.sampan.models.network;

import dev.sampan.models.data.Scaling;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A feed-forward classifier: scaling, fully connected layers with ReLU between them, softmax at the end. With no hidden
 * layer it is softmax regression.
 *
 * <p>All parameters lie in one array: for each layer its weights (row {@code i} holds the weights from input {@code i} to
 * every output), then its biases. Gradients and optimizer state use the same layout.
 */
public final class Network {
    private static final int CHUNK = 256;

    private final int[] sizes;
    private final Scaling scaling;
    private final float[] parameters;

    /**
     * A network over the given parameters, which it keeps and does not copy.
     *
     * @param sizes width of the input, of each hidden layer, and number of classes
     */
    public Network(int[] sizes, Scaling scaling, float[] parameters) {
        if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("layer sizes must be positive, at least two: " + Arrays.toString(sizes));
        }
        if (parameters.length != parameterCount(sizes)) {
            throw new IllegalArgumentException("layers " + Arrays.toString(sizes) + " have " + parameterCount(sizes)
                    + " parameters, not " + parameters.length);
        }
        this.sizes = sizes.clone();
        this.scaling = scaling;
        this.parameters = parameters;
    }

    /** A network with random weights (He et al. 2015: normal, variance 2 / inputs) and zero biases. */
    public static Network random(int[] sizes, Scaling scaling, long seed) {
        var random = new SplittableRandom(seed);
        var network = new Network(sizes, scaling, new float[parameterCount(sizes)]);
        for (int layer = 0; layer < network.layers(); layer++) {
            double deviation = Math.sqrt(2.0 / sizes[layer]);
            for (int i = network.weights(layer); i < network.biases(layer); i++) {
                network.parameters[i] = (float) (random.nextGaussian() * deviation);
            }
        }
        return network;
    }

    static int parameterCount(int[] sizes) {
        int count = 0;
        for (int layer = 0; layer + 1 < sizes.length; layer++) {
            count = Math.addExact(count, Math.multiplyExact(sizes[layer] + 1, sizes[layer + 1]));
        }
        return count;
    }

    /** Widths of input, hidden layers and output. */
    public int[] sizes() {
        return sizes.clone();
    }

    public Scaling scaling() {
        return scaling;
    }

    /** The network's own parameters: writing to them changes the network. */
    public float[] parameters() {
        return parameters;
    }

    /** Number of layers with weights. */
    public int layers() {
        return sizes.length - 1;
    }

    public int inputWidth() {
        return sizes[0];
    }

    public int classes() {
        return sizes[sizes.length - 1];
    }

    int size(int layer) {
        return sizes[layer];
    }

    /** Where the weights of a layer start among the parameters; they end where its biases start. */
    public int weights(int layer) {
        int start = 0;
        for (int i = 0; i < layer; i++) {
            start += (sizes[i] + 1) * sizes[i + 1];
        }
        return start;
    }

    /** Where the biases of a layer start among the parameters. */
    public int biases(int layer) {
        return weights(layer) + sizes[layer] * sizes[layer + 1];
    }

    /** Class probabilities of every row: {@code rows * classes()} values. */
    public float[] probabilities(float[] features, int rows) {
        var result = new float[rows * classes()];
        var pass = new ForwardPass(this, Math.min(rows, CHUNK));
        for (int from = 0; from < rows; from += CHUNK) {
            int count = Math.min(CHUNK, rows - from);
            float[] output = pass.run(features, from * inputWidth(), count);
            System.arraycopy(output, 0, result, from * classes(), count * classes());
        }
        return result;
    }
}
