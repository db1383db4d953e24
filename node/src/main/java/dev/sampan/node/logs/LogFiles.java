package dev.sampan.node.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where logs are: {@code <root>/<namespace>_<pod>_<uid>/<container>/<attempt>.log}, as the kubelet lays them out. */
public final class LogFiles {

    private LogFiles() {}

    public static Path directory(Path root, String namespace, String pod, String uid) {
        return root.resolve(namespace + "_" + pod + "_" + uid);
    }

    public static Path file(Path podDirectory, String container, int attempt) {
        return podDirectory.resolve(container).resolve(attempt + ".log");
    }

    /** Older files of a log, the oldest first. */
    static List<Path> rotated(Path log) throws IOException {
        var prefix = log.getFileName() + ".";
        var directory = log.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }
}
