package dev.sampan.models.network;

/** Buffers for the activations of up to {@code maxRows} rows. Used by one thread. */
final class ForwardPass {
    private final Network network;
    /** {@code activations[l]} is the input of layer {@code l}; the last one is the output. */
    final float[][] activations;

    ForwardPass(Network network, int maxRows) {
        this.network = network;
        this.activations = new float[network.layers() + 1][];
        for (int i = 0; i < activations.length; i++) {
            activations[i] = new float[maxRows * network.size(i)];
        }
    }

    /** Probabilities of {@code rows} rows that start at index {@code from} of {@code features}; valid until the next run. */
    float[] run(float[] features, int from, int rows) {
        network.scaling().apply(features, from, rows, network.inputWidth(), activations[0]);
        int last = network.layers() - 1;
        for (int layer = 0; layer <= last; layer++) {
            int in = network.size(layer);
            int out = network.size(layer + 1);
            float[] target = activations[layer + 1];
            Kernels.affine(
                    activations[layer],
                    rows,
                    in,
                    network.parameters(),
                    network.weights(layer),
                    network.biases(layer),
                    out,
                    target);
            if (layer < last) {
                Kernels.relu(target, rows * out);
            } else {
                Kernels.softmax(target, rows, out);
            }
        }
        return activations[network.layers()];
    }
}
