package dev.sampan.models.network;

/**
 * The inner loops. Each innermost loop adds multiples of rows to a row, with no reduction in it, so that the JIT compiler
 * turns it into vector instructions without changing the order of additions: results are the same with and without it.
 */
final class Kernels {
    private Kernels() {}

    /** {@code y = x W + b} for every row. */
    static void affine(float[] x, int rows, int in, float[] parameters, int weights, int biases, int out, float[] y) {
        for (int row = 0; row < rows; row++) {
            int target = row * out;
            System.arraycopy(parameters, biases, y, target, out);
            int source = row * in;
            int i = 0;
            for (; i + 3 < in; i += 4) {
                addFour(x, source + i, parameters, weights + i * out, out, y, target);
            }
            for (; i < in; i++) {
                add(x[source + i], parameters, weights + i * out, out, y, target);
            }
        }
    }

    /** Four rows of weights at a time: one load and store of y for four multiplications. */
    private static void addFour(float[] x, int at, float[] w, int weights, int out, float[] y, int target) {
        float a = x[at];
        float b = x[at + 1];
        float c = x[at + 2];
        float d = x[at + 3];
        if (a == 0 && b == 0 && c == 0 && d == 0) {
            return;
        }
        int second = weights + out;
        int third = second + out;
        int fourth = third + out;
        for (int j = 0; j < out; j++) {
            y[target + j] += a * w[weights + j] + b * w[second + j] + c * w[third + j] + d * w[fourth + j];
        }
    }

    /** {@code y += a * x} over {@code count} values. */
    static void add(float a, float[] x, int from, int count, float[] y, int to) {
        if (a == 0) {
            return;
        }
        for (int j = 0; j < count; j++) {
            y[to + j] += a * x[from + j];
        }
    }

    static void relu(float[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = Math.max(values[i], 0f);
        }
    }

    /** Softmax of every row, in place; the maximum is subtracted first so that nothing overflows. */
    static void softmax(float[] values, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            int from = row * width;
            float max = Float.NEGATIVE_INFINITY;
            for (int i = from; i < from + width; i++) {
                max = Math.max(max, values[i]);
            }
            double sum = 0;
            for (int i = from; i < from + width; i++) {
                double e = Math.exp(values[i] - max);
                values[i] = (float) e;
                sum += e;
            }
            float inverse = (float) (1 / sum);
            for (int i = from; i < from + width; i++) {
                values[i] *= inverse;
            }
        }
    }

    /** Inner product of {@code count} values, as four interleaved sums. */
    static float dot(float[] x, int from, float[] y, int at, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            s0 += x[from + i] * y[at + i];
            s1 += x[from + i + 1] * y[at + i + 1];
            s2 += x[from + i + 2] * y[at + i + 2];
            s3 += x[from + i + 3] * y[at + i + 3];
        }
        for (; i < count; i++) {
            s0 += x[from + i] * y[at + i];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
