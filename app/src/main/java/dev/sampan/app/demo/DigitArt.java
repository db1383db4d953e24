package dev.sampan.app.demo;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Draws 8x8 grey images side by side with characters. */
final class DigitArt {

    private static final int SIDE = 8;
    private static final float BRIGHTEST = 16;
    private static final String[] SHADES = {"  ", "░░", "▒▒", "▓▓", "██"};

    private DigitArt() {}

    /**
     * The rows of all images, beside each other.
     *
     * @param images each 64 brightness values from 0 to 16, row by row
     */
    static String draw(List<float[]> images) {
        return IntStream.range(0, SIDE)
                .mapToObj(row -> images.stream().map(image -> row(image, row)).collect(Collectors.joining("   ")))
                .map(line -> "    " + line.stripTrailing())
                .collect(Collectors.joining("\n"));
    }

    private static String row(float[] image, int row) {
        return IntStream.range(row * SIDE, (row + 1) * SIDE)
                .mapToObj(pixel -> shade(image[pixel]))
                .collect(Collectors.joining());
    }

    private static String shade(float brightness) {
        int index = Math.round(Math.clamp(brightness / BRIGHTEST, 0f, 1f) * (SHADES.length - 1));
        return SHADES[index];
    }
}
