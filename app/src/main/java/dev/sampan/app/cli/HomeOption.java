package dev.sampan.app.cli;

import dev.sampan.app.cluster.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --home}, shared by every command about a cluster. */
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "The cluster's folder (default: $SAMPAN_HOME, else ~/.sampan).")
    private @Nullable Path path;

    Home home() {
        return Home.resolve(path);
    }
}
