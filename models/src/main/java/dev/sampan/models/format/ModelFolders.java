package dev.sampan.models.format;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The layout that model servers watch: a folder for each model, in it a folder for each version, named by a number. A
 * version is never seen half written.
 */
public final class ModelFolders {
    private ModelFolders() {}

    /** The folder of the version after the highest one; 1 in an empty or missing folder. */
    public static Path nextVersion(Path modelFolder) throws IOException {
        long highest = 0;
        if (Files.isDirectory(modelFolder)) {
            try (var versions = Files.newDirectoryStream(modelFolder)) {
                for (var version : versions) {
                    highest = Math.max(highest, version(version));
                }
            }
        }
        return modelFolder.resolve(Long.toString(highest + 1));
    }

    /** The version that a folder holds, or -1 if its name is no version. */
    public static long version(Path folder) {
        var name = folder.getFileName().toString();
        return name.matches("\\d{1,18}") ? Long.parseLong(name) : -1;
    }

    /** Writes a model file; the folder that it lies in, if new, appears together with it. */
    public static void publish(Path file, byte[] content) throws IOException {
        var folder = AtomicFiles.parent(file);
        if (Files.exists(folder)) {
            AtomicFiles.write(file, content);
            return;
        }
        var models = AtomicFiles.parent(folder);
        Files.createDirectories(models);
        var hidden = Files.createTempDirectory(models, "." + folder.getFileName());
        try {
            AtomicFiles.readableByOthers(hidden);
            AtomicFiles.write(hidden.resolve(file.getFileName()), content);
            Files.move(hidden, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Files.deleteIfExists(hidden.resolve(file.getFileName()));
            Files.deleteIfExists(hidden);
            throw e;
        }
    }
}
