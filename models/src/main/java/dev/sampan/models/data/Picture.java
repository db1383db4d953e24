package dev.sampan.models.data;

import java.util.ArrayList;
import java.util.List;

/** Grey images as text for a terminal: two characters a pixel, so that a square stays a square. */
public final class Picture {
    private static final String[] SHADES = {"  ", "░░", "▒▒", "▓▓", "██"};

    private Picture() {}

    /** One line of text for each row of pixels; {@code maximum} is drawn darkest. */
    public static List<String> lines(float[] pixels, int width, float maximum) {
        var lines = new ArrayList<String>();
        for (int start = 0; start + width <= pixels.length; start += width) {
            var line = new StringBuilder();
            for (int x = 0; x < width; x++) {
                int shade = Math.round(pixels[start + x] / maximum * (SHADES.length - 1));
                line.append(SHADES[Math.clamp(shade, 0, SHADES.length - 1)]);
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
