package dev.sampan.app.demo;

/**
 * One handwritten digit.
 *
 * @param pixels 64 brightness values from 0 to 16, row by row: what the model takes
 * @param label the digit that was written
 */
record LabelledDigit(float[] pixels, int label) {}
