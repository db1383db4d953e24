package dev.sampan.models.keras;

/** One array of a layer, in row-major order. */
record Weights(String name, int[] shape, float[] values) {}
