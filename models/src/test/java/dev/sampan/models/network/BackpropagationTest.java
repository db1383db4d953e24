package dev.sampan.models.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sampan.models.data.Scaling;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackpropagationTest {
    private final Network network = Network.random(new int[] {5, 7, 4, 3}, Scaling.upTo(2), 3);
    private final float[] features = new float[5 * 6];
    private final int[] labels = {0, 1, 2, 0, 1, 2};
    private final int[] order = IntStream.range(0, 6).toArray();

    BackpropagationTest() {
        var random = new SplittableRandom(5);
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        // Biases of zero would put dead units exactly on the kink of ReLU.
        for (int layer = 0; layer < network.layers(); layer++) {
            for (int i = 0; i < network.size(layer + 1); i++) {
                network.parameters()[network.biases(layer) + i] = (float) random.nextGaussian();
            }
        }
    }

    @Test
    void gradientsAgreeWithFiniteDifferences() {
        var gradient = new float[network.parameters().length];
        new Backpropagation(network, 4).add(features, labels, order, 0, 6, gradient);
        float step = 1e-3f;
        for (int i = 0; i < gradient.length; i++) {
            float value = network.parameters()[i];
            network.parameters()[i] = value + step;
            double above = loss();
            network.parameters()[i] = value - step;
            double below = loss();
            network.parameters()[i] = value;
            assertThat((double) gradient[i])
                    .as("parameter %d", i)
                    .isCloseTo((above - below) / (2 * step), within(5e-3));
        }
    }

    @Test
    void sumsOfSlicesAreTheSumOfTheWhole() {
        var whole = new float[network.parameters().length];
        var slices = new float[network.parameters().length];
        new Backpropagation(network, 6).add(features, labels, order, 0, 6, whole);
        var inSlices = new Backpropagation(network, 2);
        inSlices.add(features, labels, order, 0, 1, slices);
        inSlices.add(features, labels, order, 1, 6, slices);
        for (int i = 0; i < whole.length; i++) {
            assertThat(slices[i]).isCloseTo(whole[i], within(1e-5f));
        }
    }

    @Test
    void probabilitiesAreFiniteEvenForHugeInputs() {
        var probabilities = network.probabilities(new float[] {1e30f, -1e30f, 1e20f, 0, 5}, 1);
        float sum = 0;
        for (float probability : probabilities) {
            assertThat(probability).isBetween(0f, 1f);
            sum += probability;
        }
        assertThat(sum).isCloseTo(1, within(1e-5f));
    }

    private double loss() {
        return new Backpropagation(network, 6)
                .add(features, labels, order, 0, 6, new float[network.parameters().length])
                .loss();
    }
}
