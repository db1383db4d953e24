package dev.sampan.models.network;

/** Stochastic gradient descent with momentum 0.9 (Polyak 1964). */
final class Sgd implements Optimizer {
    private static final float MOMENTUM = 0.9f;

    private final float learningRate;
    private final float[] velocity;
    private long steps;

    Sgd(int count, float learningRate) {
        this.learningRate = learningRate;
        this.velocity = new float[count];
    }

    @Override
    public void step(float[] parameters, float[] gradient) {
        steps++;
        for (int i = 0; i < parameters.length; i++) {
            float v = MOMENTUM * velocity[i] - learningRate * gradient[i];
            velocity[i] = v;
            parameters[i] += v;
        }
    }

    @Override
    public float[][] state() {
        return new float[][] {velocity};
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
