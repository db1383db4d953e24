package dev.sampan.serving.source;

import dev.sampan.models.format.ModelFolders;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;

/** Unpacks archives, and finds the model in what came out. Links and other special files are left out. */
final class Archives {
    private Archives() {}

    static boolean isArchive(String name) {
        return name.endsWith(".tar.gz") || name.endsWith(".tgz") || name.endsWith(".tar") || name.endsWith(".zip");
    }

    /** @throws IOException if it is no such archive, or wants to write outside the folder */
    static void unpack(Path archive, String name, Path folder) throws IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(archive))) {
            if (name.endsWith(".zip")) {
                unpack(new ZipArchiveInputStream(in), folder);
            } else {
                untar(name.endsWith(".tar") ? in : new GZIPInputStream(in), folder);
            }
        }
    }

    static void untar(InputStream in, Path folder) throws IOException {
        unpack(new TarArchiveInputStream(in), folder);
    }

    private static <E extends ArchiveEntry> void unpack(ArchiveInputStream<E> in, Path folder) throws IOException {
        boolean empty = true;
        for (E entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            empty = false;
            var target = folder.resolve(entry.getName()).normalize();
            if (!target.startsWith(folder)) {
                throw new IOException("the archive wants to write outside its folder: " + entry.getName());
            }
            boolean special = entry instanceof org.apache.commons.compress.archivers.tar.TarArchiveEntry tar
                    && !tar.isFile()
                    && !tar.isDirectory();
            if (entry.isDirectory()) {
                Files.createDirectories(target);
            } else if (!special) {
                Files.createDirectories(target.getParent());
                Files.copy(in, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (empty) {
            throw new IOException("the archive is empty or none");
        }
    }

    /** The folder with the model's files: inside folders that stand alone, and of version folders the highest. */
    static Path model(Path folder) throws IOException {
        List<Path> entries;
        try (var files = Files.list(folder)) {
            entries = files.toList();
        }
        var versions = entries.stream()
                .filter(entry -> Files.isDirectory(entry) && ModelFolders.version(entry) >= 0)
                .max(java.util.Comparator.comparingLong(ModelFolders::version));
        if (versions.isPresent()) {
            return versions.get();
        }
        return entries.size() == 1 && Files.isDirectory(entries.getFirst()) ? model(entries.getFirst()) : folder;
    }

    /** Deletes a folder with all that is in it, of a link the link alone; nothing if it is not there. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path visited, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
