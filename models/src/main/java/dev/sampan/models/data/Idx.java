package dev.sampan.models.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * MNIST's file format (IDX, unsigned bytes), plain or gzipped, with MNIST's four file names; {@code train} is learned from,
 * {@code t10k} is held out. Format: http://yann.lecun.com/exdb/mnist (big-endian magic {@code 00 00 08 rank}, sizes, data).
 */
public final class Idx {
    private static final List<String> FASHION = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private record Bytes(int[] sizes, byte[] data) {}

    private Idx() {}

    static boolean isIdxFolder(Path folder) {
        return Files.exists(folder.resolve("train-images-idx3-ubyte"))
                || Files.exists(folder.resolve("train-images-idx3-ubyte.gz"));
    }

    /** Reads the four files of a folder. */
    public static Split open(String name, Path folder) {
        var training = dataset(name, folder, "train", null);
        return new Split(training, dataset(name, folder, "t10k", training.classes()));
    }

    private static Dataset dataset(String name, Path folder, String part, @Nullable List<String> known) {
        var images = read(folder, part + "-images-idx3-ubyte", 3);
        var labelBytes = read(folder, part + "-labels-idx1-ubyte", 1);
        if (images.sizes[0] != labelBytes.sizes[0]) {
            throw new DataException(
                    folder + ": " + images.sizes[0] + " images but " + labelBytes.sizes[0] + " labels in part " + part);
        }
        var features = new float[images.data.length];
        for (int i = 0; i < features.length; i++) {
            features[i] = images.data[i] & 0xff;
        }
        var labels = new int[labelBytes.data.length];
        Arrays.setAll(labels, i -> labelBytes.data[i] & 0xff);
        var classes = known != null
                ? known
                : classes(name, Arrays.stream(labels).max().orElse(0) + 1);
        if (Arrays.stream(labels).anyMatch(label -> label >= classes.size())) {
            throw new DataException(folder + ": part " + part + " has a label that the training part does not have");
        }
        return new Dataset(
                name, features, labels, List.of(images.sizes[1], images.sizes[2]), classes, Scaling.upTo(255));
    }

    private static List<String> classes(String name, int count) {
        return name.contains("fashion") && count == FASHION.size()
                ? FASHION
                : IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static Bytes read(Path folder, String name, int rank) {
        var plain = folder.resolve(name);
        boolean zipped = !Files.exists(plain);
        var file = zipped ? folder.resolve(name + ".gz") : plain;
        try (var raw = Files.newInputStream(file);
                var in = new DataInputStream(new BufferedInputStream(zipped ? new GZIPInputStream(raw) : raw))) {
            int magic = in.readInt();
            if (magic != (0x0800 | rank)) {
                throw new DataException(file + ": not an IDX file of unsigned bytes with " + rank
                        + " dimensions (it starts with 0x" + Integer.toHexString(magic) + ")");
            }
            var sizes = new int[rank];
            long total = 1;
            for (int i = 0; i < rank; i++) {
                sizes[i] = in.readInt();
                total *= sizes[i];
                if (sizes[i] < 1 || total > Integer.MAX_VALUE - 16) {
                    throw new DataException(file + ": impossible size " + sizes[i]);
                }
            }
            var data = in.readNBytes((int) total);
            if (data.length < total) {
                throw new DataException(file + ": cut off after " + data.length + " of " + total + " bytes of data");
            }
            return new Bytes(sizes, data);
        } catch (EOFException e) {
            throw new DataException(file + ": cut off in its header", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
