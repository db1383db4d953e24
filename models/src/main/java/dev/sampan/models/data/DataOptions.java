package dev.sampan.models.data;

import org.jspecify.annotations.Nullable;

/**
 * Which data, and which part of them is held out.
 *
 * @param source {@code digits}, {@code fashion-mnist}, a CSV file, or a folder: IDX files or one sub-folder of images for
 *     each class
 * @param heldOut share of every class that is held out (0.2); IDX data sets bring their own held-out part
 * @param seed seed of the split
 * @param label name of a CSV file's label column; null takes {@code label}, {@code class}, {@code target}, {@code species}
 *     or the last one
 * @param images how images in folders are read
 */
public record DataOptions(
        String source, double heldOut, long seed, @Nullable String label, ImageFormat images) {

    /** Size to which images are brought, and 1 (grey) or 3 (red, green, blue) channels. */
    public record ImageFormat(int width, int height, int channels) {
        public ImageFormat {
            if (width < 1 || height < 1 || (channels != 1 && channels != 3)) {
                throw new IllegalArgumentException("images need a positive width and height and 1 or 3 channels, not "
                        + width + "x" + height + "x" + channels);
            }
        }
    }

    public static final double DEFAULT_HELD_OUT = 0.2;
    public static final long DEFAULT_SEED = 1797;
    public static final ImageFormat DEFAULT_IMAGES = new ImageFormat(28, 28, 1);

    /** The given data with every other option at its default. */
    public static DataOptions of(String source) {
        return new DataOptions(source, DEFAULT_HELD_OUT, DEFAULT_SEED, null, DEFAULT_IMAGES);
    }
}
