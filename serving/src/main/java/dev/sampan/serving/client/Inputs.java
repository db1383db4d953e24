package dev.sampan.serving.client;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataOptions.ImageFormat;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.ImageFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Turns files into what a model takes. The content says what a file is, so that standard input works alike. */
final class Inputs {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final PredictionOptions options;
    private final InputStream standardInput;
    private @Nullable Dataset data;

    Inputs(PredictionOptions options, InputStream standardInput) {
        this.options = options;
        this.standardInput = standardInput;
    }

    /** What one file holds. */
    sealed interface Input {
        /** A request body. */
        record Request(JsonNode body) implements Input {}

        /** Rows of numbers. */
        record Rows(List<float[]> rows) implements Input {}

        /** @param maximum the value of the brightest pixel */
        record Picture(float[] pixels, ImageFormat format, float maximum) implements Input {}
    }

    Input read(Path file) throws IOException {
        boolean standard = file.equals(PredictionOptions.STANDARD_INPUT);
        var name = standard ? "standard input" : file.toString();
        byte[] content;
        try {
            content = standard ? standardInput.readAllBytes() : Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        }
        char first = firstCharacter(content);
        if (first == '{' || first == '[') {
            return request(name, content);
        }
        if (isText(content) && first != 'P') {
            return new Input.Rows(rows(name, new String(content, StandardCharsets.UTF_8)));
        }
        return picture(name, content);
    }

    private static char firstCharacter(byte[] content) {
        for (byte b : content) {
            if (!Character.isWhitespace(b)) {
                return (char) (b & 0xff);
            }
        }
        return ' ';
    }

    private static boolean isText(byte[] content) {
        for (int i = 0; i < Math.min(content.length, 512); i++) {
            if (content[i] >= 0 && content[i] < ' ' && !Character.isWhitespace(content[i]) || content[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static Input request(String name, byte[] content) throws IOException {
        try {
            var json = JSON.readTree(content);
            return new Input.Request(json.isArray() ? JSON.createObjectNode().set("instances", json) : json);
        } catch (JacksonException e) {
            throw new IOException(name + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static List<float[]> rows(String name, String text) throws IOException {
        var rows = new ArrayList<float[]>();
        int line = 0;
        for (var text1 : text.split("\\R")) {
            line++;
            if (text1.isBlank()) {
                continue;
            }
            var cells = text1.split(",");
            var row = new float[cells.length];
            try {
                for (int i = 0; i < cells.length; i++) {
                    row[i] = Float.parseFloat(cells[i].strip());
                }
            } catch (NumberFormatException e) {
                if (rows.isEmpty() && line == 1) {
                    continue; // column names
                }
                throw new IOException(name + ":" + line + ": not a row of numbers: " + text1, e);
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new IOException(name + " has no rows of numbers");
        }
        return rows;
    }

    private Input picture(String name, byte[] content) {
        var format = format();
        float maximum = maximum();
        var pixels = ImageFolder.pixels(name, content, format);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (options.reading().invert() ? 255 - pixels[i] : pixels[i]) / 255 * maximum;
        }
        return new Input.Picture(pixels, format, maximum);
    }

    private ImageFormat format() {
        var size = options.reading().size();
        if (size != null) {
            var parts = size.split("x");
            if (!size.matches("[0-9]{1,5}x[0-9]{1,5}(x[13])?")) {
                throw new DataException("the size of images is written like 28x28 or 32x32x3, not " + size);
            }
            return new ImageFormat(
                    Integer.parseInt(parts[0]),
                    Integer.parseInt(parts[1]),
                    parts.length > 2 ? Integer.parseInt(parts[2]) : 1);
        }
        var shape = data().sampleShape();
        if (shape.size() < 2) {
            throw new DataException("the rows of " + options.data().source()
                    + " are no images; say which size the model takes, such as 28x28");
        }
        return new ImageFormat(shape.get(1), shape.get(0), shape.size() > 2 ? shape.get(2) : 1);
    }

    /** The largest value in the data; a model takes raw values. */
    private float maximum() {
        return data().sampleShape().size() < 2 ? 255 : 1 / data().scaling().factor()[0];
    }

    /** Names of the classes, or none where the data have another number of them. */
    List<String> classes(int count) {
        var names = data().classes();
        return names.size() == count ? names : List.of();
    }

    private Dataset data() {
        var read = data;
        if (read == null) {
            read = DataSource.open(options.data()).heldOut();
            data = read;
        }
        return read;
    }
}
