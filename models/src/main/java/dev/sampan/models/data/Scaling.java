package dev.sampan.models.data;

/**
 * What happens to a row before the first layer: {@code (value - offset) * factor}. Both arrays have one entry for each
 * value of a row, or a single one for all. It is part of the model, so that clients send raw values.
 */
public record Scaling(float[] offset, float[] factor) {

    public Scaling {
        if (offset.length == 0 || offset.length != factor.length) {
            throw new IllegalArgumentException("offset and factor must have the same length, at least 1");
        }
    }

    /** Maps {@code [0, maximum]} to {@code [0, 1]}. */
    public static Scaling upTo(float maximum) {
        return new Scaling(new float[] {0}, new float[] {1 / maximum});
    }

    /** Mean 0 and standard deviation 1 in every column of these rows; constant columns become 0. */
    public static Scaling standardizing(Dataset rows) {
        int width = rows.width();
        var offset = new float[width];
        var factor = new float[width];
        for (int column = 0; column < width; column++) {
            double sum = 0;
            double squares = 0;
            for (int row = 0; row < rows.rows(); row++) {
                double value = rows.features()[row * width + column];
                sum += value;
                squares += value * value;
            }
            double mean = sum / rows.rows();
            double deviation = Math.sqrt(Math.max(0, squares / rows.rows() - mean * mean));
            offset[column] = (float) mean;
            factor[column] = deviation > 1e-9 * Math.max(1, Math.abs(mean)) ? (float) (1 / deviation) : 0;
        }
        return new Scaling(offset, factor);
    }

    /** Writes {@code rows} scaled rows, read from index {@code from} of {@code source}, to the start of {@code target}. */
    public void apply(float[] source, int from, int rows, int width, float[] target) {
        int mask = offset.length == 1 ? 0 : -1;
        for (int row = 0; row < rows; row++) {
            int in = from + row * width;
            int out = row * width;
            for (int column = 0; column < width; column++) {
                int index = column & mask;
                target[out + column] = (source[in + column] - offset[index]) * factor[index];
            }
        }
    }
}
