package dev.sampan.models.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * The 1,797 8x8 images of handwritten digits that come with Sampan: the test part of UCI's Optical Recognition of
 * Handwritten Digits (E. Alpaydin, C. Kaynak, 1998; CC BY 4.0), as in scikit-learn's {@code load_digits}. Pixels are 0 to
 * 16.
 */
public final class Digits {
    private static final int WIDTH = 64;

    private Digits() {}

    public static Dataset load() {
        var resource = Objects.requireNonNull(Digits.class.getResourceAsStream("digits.csv.gz"), "digits.csv.gz");
        try (var lines =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(resource), StandardCharsets.US_ASCII))) {
            return parse(lines.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Dataset parse(List<String> lines) {
        var features = new float[lines.size() * WIDTH];
        var labels = new int[lines.size()];
        for (int row = 0; row < labels.length; row++) {
            var cells = lines.get(row).split(",", -1);
            for (int column = 0; column < WIDTH; column++) {
                features[row * WIDTH + column] = Integer.parseInt(cells[column]);
            }
            labels[row] = Integer.parseInt(cells[WIDTH]);
        }
        var classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        return new Dataset("digits", features, labels, List.of(8, 8), classes, Scaling.upTo(16));
    }
}
