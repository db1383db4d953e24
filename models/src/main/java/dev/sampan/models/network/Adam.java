package dev.sampan.models.network;

/** Adam (Kingma, Ba 2015) with the paper's constants: decay 0.9 and 0.999, epsilon 1e-8. */
final class Adam implements Optimizer {
    private static final float FIRST = 0.9f;
    private static final float SECOND = 0.999f;
    private static final float EPSILON = 1e-8f;

    private final float learningRate;
    private final float[] mean;
    private final float[] variance;
    private long steps;

    Adam(int count, float learningRate) {
        this.learningRate = learningRate;
        this.mean = new float[count];
        this.variance = new float[count];
    }

    @Override
    public void step(float[] parameters, float[] gradient) {
        steps++;
        float meanScale = (float) (1 / (1 - Math.pow(FIRST, steps)));
        float varianceScale = (float) (1 / (1 - Math.pow(SECOND, steps)));
        float rate = learningRate * meanScale;
        for (int i = 0; i < parameters.length; i++) {
            float g = gradient[i];
            float m = FIRST * mean[i] + (1 - FIRST) * g;
            float v = SECOND * variance[i] + (1 - SECOND) * g * g;
            mean[i] = m;
            variance[i] = v;
            parameters[i] -= rate * m / ((float) Math.sqrt(v * varianceScale) + EPSILON);
        }
    }

    @Override
    public float[][] state() {
        return new float[][] {mean, variance};
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public void resumeAt(long steps) {
        this.steps = steps;
    }
}
