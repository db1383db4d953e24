package dev.sampan.serving.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads models of one or more formats. Thread-safe. */
public interface Engine {

    /**
     * Loads the model in a version folder; takes as long as it takes.
     *
     * @throws ModelLoadException if there is no model that this engine can load; the message says why
     */
    LoadedModel load(Path versionFolder) throws ModelLoadException;

    /**
     * Bytes of memory that the model in a version folder will take, as well as its files tell before it is loaded.
     */
    default long estimateBytes(Path versionFolder) {
        long bytes = 0;
        try (var files = Files.walk(versionFolder)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                bytes += Files.size(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // Whatever is wrong with the folder, the load will say it.
            return 0;
        }
        return inMemory(bytes);
    }

    /** What a model whose files have so many bytes takes: its weights once, activations and bookkeeping on top. */
    static long inMemory(long fileBytes) {
        return fileBytes + (fileBytes >> 2) + (1 << 20);
    }
}
