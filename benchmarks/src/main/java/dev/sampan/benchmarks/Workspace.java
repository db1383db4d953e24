package dev.sampan.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A folder on the disk that is measured; gone afterwards. */
record Workspace(Path path) implements AutoCloseable {

    /** @param parent a folder on that disk */
    static Workspace in(Path parent) throws IOException {
        return new Workspace(Files.createTempDirectory(Files.createDirectories(parent), "bench"));
    }

    @Override
    public void close() {
        try (var files = Files.walk(path)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
