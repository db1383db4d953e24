package dev.sampan.node.pod;

import dev.sampan.node.files.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a volume's files so that a reader sees either all old or all new ones, as kubelet does: the files lie in a folder of their own, the
 * link {@code ..data} names it, and each visible name links through {@code ..data}.
 */
final class ProjectedFiles {

    private static final String DATA = "..data";

    private ProjectedFiles() {}

    /** Makes {@code folder} hold exactly {@code files} (by relative path); does nothing when it does already. */
    static Path write(Path folder, Map<String, byte[]> files) throws IOException {
        Files.createDirectories(folder);
        var data = folder.resolve(DATA);
        if (Files.exists(data) && holds(data, files)) {
            return folder;
        }
        var fresh = Files.createDirectory(folder.resolve("..version_" + System.nanoTime()));
        for (var file : files.entrySet()) {
            var path = fresh.resolve(file.getKey()).normalize();
            if (!path.startsWith(fresh)) {
                throw new IOException("the path \"" + file.getKey() + "\" leaves its volume");
            }
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        var old = Files.exists(data, LinkOption.NOFOLLOW_LINKS) ? folder.resolve(Files.readSymbolicLink(data)) : null;
        var link = folder.resolve("..data_partial");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, fresh.getFileName());
        Files.move(link, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        linkNames(folder, files);
        if (old != null) {
            Trees.delete(old);
        }
        return folder;
    }

    private static boolean holds(Path data, Map<String, byte[]> files) throws IOException {
        try (var entries = Files.walk(data.toRealPath())) {
            var present = entries.filter(Files::isRegularFile).count();
            if (present != files.size()) {
                return false;
            }
        }
        for (var file : files.entrySet()) {
            var path = data.resolve(file.getKey());
            if (!Files.isRegularFile(path) || !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static void linkNames(Path folder, Map<String, byte[]> files) throws IOException {
        var names = files.keySet().stream()
                .map(path -> Path.of(path).getName(0).toString())
                .collect(Collectors.toSet());
        try (var entries = Files.list(folder)) {
            for (var entry : entries.toList()) {
                var name = entry.getFileName().toString();
                if (!name.startsWith("..") && !names.contains(name)) {
                    Files.delete(entry);
                }
            }
        }
        for (var name : names) {
            var visible = folder.resolve(name);
            if (!Files.exists(visible, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(visible, Path.of(DATA, name));
            }
        }
    }
}
