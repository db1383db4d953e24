package dev.sampan.app.cli;

import dev.sampan.models.data.DataOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data a program reads, and which part of them is held out; shared by training and evaluation. */
final class DataSelection {

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            defaultValue = "digits",
            description = "digits, fashion-mnist, a CSV file, a folder of IDX files, or a folder with one sub-folder of"
                    + " images for each class (default: ${DEFAULT-VALUE}).")
    private String source = "digits";

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            defaultValue = "" + DataOptions.DEFAULT_HELD_OUT,
            description = "Share of every class that is never trained on (default: ${DEFAULT-VALUE}).")
    private double heldOut;

    @Option(
            names = "--split-seed",
            paramLabel = "N",
            defaultValue = "" + DataOptions.DEFAULT_SEED,
            description = "Seed of the split; training and evaluation need the same (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Label column of a CSV file.")
    private @Nullable String label;

    DataOptions options() {
        return new DataOptions(source, heldOut, seed, label, DataOptions.DEFAULT_IMAGES);
    }
}
