package dev.sampan.models.data;

import java.util.List;

/**
 * Labelled rows. Row {@code i} is {@code features[i * width() .. (i + 1) * width())} with class {@code labels[i]}.
 *
 * @param name what people call it
 * @param features all rows, one after the other, unscaled
 * @param labels index into {@code classes} of each row
 * @param sampleShape shape of one row, such as {@code [8, 8]}; its product is the width
 * @param classes class names, in order of their index
 * @param scaling how a model should scale a row before its first layer
 */
public record Dataset(
        String name, float[] features, int[] labels, List<Integer> sampleShape, List<String> classes, Scaling scaling) {

    public Dataset {
        sampleShape = List.copyOf(sampleShape);
        classes = List.copyOf(classes);
        if (features.length != labels.length * width(sampleShape)) {
            throw new IllegalArgumentException(name + ": " + features.length + " values do not make " + labels.length
                    + " rows of shape " + sampleShape);
        }
    }

    /** Number of rows. */
    public int rows() {
        return labels.length;
    }

    /** Number of values in a row. */
    public int width() {
        return width(sampleShape);
    }

    /** A copy of one row. */
    public float[] row(int index) {
        var row = new float[width()];
        System.arraycopy(features, index * row.length, row, 0, row.length);
        return row;
    }

    /** The rows with the given indices, in that order. */
    public Dataset rows(int[] indices) {
        int width = width();
        var chosen = new float[indices.length * width];
        var chosenLabels = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(features, indices[i] * width, chosen, i * width, width);
            chosenLabels[i] = labels[indices[i]];
        }
        return new Dataset(name, chosen, chosenLabels, sampleShape, classes, scaling);
    }

    /** The same rows to be scaled another way. */
    public Dataset scaled(Scaling other) {
        return new Dataset(name, features, labels, sampleShape, classes, other);
    }

    private static int width(List<Integer> shape) {
        return shape.stream().reduce(1, Math::multiplyExact);
    }
}
