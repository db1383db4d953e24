package dev.sampan.models.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A folder with one sub-folder of PNG, JPEG, GIF, BMP, PGM or PPM images for each class. Every image is brought to one size by
 * averaging over areas; pixels are 0 to 255, transparent ones lie on white.
 */
public final class ImageFolder {
    private ImageFolder() {}

    static Dataset read(Path folder, DataOptions.ImageFormat format) {
        var classes = list(folder).stream().filter(Files::isDirectory).toList();
        var files = new ArrayList<Path>();
        var labels = new ArrayList<Integer>();
        for (int label = 0; label < classes.size(); label++) {
            for (var file : list(classes.get(label))) {
                if (isImage(file)) {
                    files.add(file);
                    labels.add(label);
                }
            }
        }
        if (classes.size() < 2 || files.size() < 2) {
            throw new DataException(folder + ": needs at least two sub-folders (the classes) with PNG or JPEG images");
        }
        int width = format.width() * format.height() * format.channels();
        var features = new float[Math.multiplyExact(files.size(), width)];
        for (int i = 0; i < files.size(); i++) {
            System.arraycopy(pixels(files.get(i), format), 0, features, i * width, width);
        }
        var shape = format.channels() == 1
                ? List.of(format.height(), format.width())
                : List.of(format.height(), format.width(), format.channels());
        return new Dataset(
                folder.getFileName().toString(),
                features,
                labels.stream().mapToInt(Integer::intValue).toArray(),
                shape,
                classes.stream().map(path -> path.getFileName().toString()).toList(),
                Scaling.upTo(255));
    }

    /** One image file, resized, as rows of pixels with values from 0 to 255. */
    public static float[] pixels(Path file, DataOptions.ImageFormat format) {
        try {
            return pixels(file.toString(), Files.readAllBytes(file), format);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read as an image: " + e.getMessage(), e);
        }
    }

    /**
     * One image, resized, as rows of pixels with values from 0 to 255.
     *
     * @param name for messages
     * @param content of a PNG, JPEG, GIF, BMP, PGM or PPM file
     */
    public static float[] pixels(String name, byte[] content, DataOptions.ImageFormat format) {
        BufferedImage image;
        try {
            image = Netpbm.is(content) ? Netpbm.read(content) : ImageIO.read(new ByteArrayInputStream(content));
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read as an image: " + e.getMessage(), e);
        }
        if (image == null) {
            throw new DataException(name + ": not an image that this Java can read (PNG, JPEG, GIF, BMP, PGM, PPM)");
        }
        var pixels = new float[format.width() * format.height() * format.channels()];
        for (int y = 0; y < format.height(); y++) {
            for (int x = 0; x < format.width(); x++) {
                average(image, x, y, format, pixels, (y * format.width() + x) * format.channels());
            }
        }
        return pixels;
    }

    /** Average of the area of the source that pixel (x, y) of the target covers; at least one pixel of the source. */
    private static void average(
            BufferedImage image, int x, int y, DataOptions.ImageFormat format, float[] pixels, int at) {
        int x0 = (int) ((long) x * image.getWidth() / format.width());
        int x1 = Math.max(x0 + 1, (int) ((long) (x + 1) * image.getWidth() / format.width()));
        int y0 = (int) ((long) y * image.getHeight() / format.height());
        int y1 = Math.max(y0 + 1, (int) ((long) (y + 1) * image.getHeight() / format.height()));
        double red = 0;
        double green = 0;
        double blue = 0;
        for (int sy = y0; sy < y1; sy++) {
            for (int sx = x0; sx < x1; sx++) {
                int argb = image.getRGB(sx, sy);
                double alpha = (argb >>> 24) / 255.0;
                double white = 255 * (1 - alpha);
                red += (argb >> 16 & 0xff) * alpha + white;
                green += (argb >> 8 & 0xff) * alpha + white;
                blue += (argb & 0xff) * alpha + white;
            }
        }
        int count = (x1 - x0) * (y1 - y0);
        if (format.channels() == 1) {
            // Rec. 601 luma.
            pixels[at] = (float) ((0.299 * red + 0.587 * green + 0.114 * blue) / count);
        } else {
            pixels[at] = (float) (red / count);
            pixels[at + 1] = (float) (green / count);
            pixels[at + 2] = (float) (blue / count);
        }
    }

    private static boolean isImage(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".png")
                || name.endsWith(".jpg")
                || name.endsWith(".jpeg")
                || name.endsWith(".gif")
                || name.endsWith(".bmp")
                || name.endsWith(".pgm")
                || name.endsWith(".ppm");
    }

    private static List<Path> list(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
