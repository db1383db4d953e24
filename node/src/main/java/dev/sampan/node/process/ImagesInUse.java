package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Reads, without an agent, what containers there are on disk that have not ended. Stateless. */
public final class ImagesInUse {

    private ImagesInUse() {}

    /**
     * Ids of the images whose files running containers see.
     *
     * @param pods the runtime's directory, {@link ProcessRuntimeConfig#pods()}
     */
    public static Set<String> in(Path pods) throws IOException {
        var ids = new HashSet<String>();
        if (!Files.isDirectory(pods)) {
            return ids;
        }
        try (var all = Files.newDirectoryStream(pods)) {
            for (var pod : all) {
                var containers = pod.resolve("containers");
                if (Files.isDirectory(containers)) {
                    addFrom(containers, ids);
                }
            }
        }
        return ids;
    }

    private static void addFrom(Path containers, Set<String> ids) throws IOException {
        try (var attempts = Files.walk(containers, 2)) {
            attempts.filter(attempt -> attempt.getNameCount() == containers.getNameCount() + 2)
                    .map(ContainerFiles::new)
                    .filter(files -> files.ended().isEmpty())
                    .forEach(files -> files.record().ifPresent(record -> ids.add(record.imageId())));
        }
    }
}
