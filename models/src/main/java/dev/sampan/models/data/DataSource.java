package dev.sampan.models.data;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the reader for a data source and splits what it reads. */
public final class DataSource {
    private static final Path FASHION_MNIST = Path.of("/usr/share/datasets/fashion-mnist");

    private DataSource() {}

    /** Reads and splits. CSV columns are standardized by the training rows alone, so nothing of the held-out rows leaks. */
    public static Split open(DataOptions options) {
        return switch (options.source()) {
            case "digits" -> Split.stratified(Digits.load(), options.heldOut(), options.seed());
            case "fashion-mnist" -> Idx.open("fashion-mnist", fashionMnist());
            default -> openPath(Path.of(options.source()), options);
        };
    }

    private static Split openPath(Path path, DataOptions options) {
        if (Files.isDirectory(path)) {
            if (Idx.isIdxFolder(path)) {
                return Idx.open(path.getFileName().toString(), path);
            }
            return Split.stratified(ImageFolder.read(path, options.images()), options.heldOut(), options.seed());
        }
        if (!Files.isRegularFile(path)) {
            throw new DataException("no data at '" + path
                    + "': give digits, fashion-mnist, a CSV file, a folder of IDX files, or a folder with one sub-folder"
                    + " of images for each class");
        }
        var split = Split.stratified(Csv.read(path, options.label()), options.heldOut(), options.seed());
        var scaling = Scaling.standardizing(split.training());
        return new Split(split.training().scaled(scaling), split.heldOut().scaled(scaling));
    }

    private static Path fashionMnist() {
        if (!Idx.isIdxFolder(FASHION_MNIST)) {
            throw new DataException("no Fashion-MNIST at " + FASHION_MNIST
                    + ": install Debian's package dataset-fashion-mnist, or give the folder with its four IDX files");
        }
        return FASHION_MNIST;
    }
}
