package dev.sampan.node.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * The files of one layer, gathered, then written as a tar that depends on nothing but names, contents and modes: sorted,
 * without times and owners of this machine. Not thread-safe.
 */
final class LayerFiles {

    private static final int FILE_MODE = 0644;
    private static final int EXECUTABLE_MODE = 0755;

    private final TreeMap<String, Item> items = new TreeMap<>();
    private final Owner owner;
    private final int mode;

    /** Numeric ids. */
    record Owner(int user, int group) {
        static final Owner ROOT = new Owner(0, 0);
    }

    /** @param source null for a directory that is only a parent */
    private record Item(@Nullable Path source, int mode) {}

    /** @param mode for all files, or -1 to keep whether they are executable */
    LayerFiles(Owner owner, int mode) {
        this.owner = owner;
        this.mode = mode;
    }

    /** Adds a directory of the image, its parents included; {@code path} is absolute. */
    void directory(String path) {
        var names = path.substring(1);
        for (int end = names.indexOf('/'); end > 0; end = names.indexOf('/', end + 1)) {
            items.putIfAbsent(names.substring(0, end) + "/", new Item(null, EXECUTABLE_MODE));
        }
        if (!names.isEmpty()) {
            items.putIfAbsent(names + "/", new Item(null, EXECUTABLE_MODE));
        }
    }

    /** Adds a file, link or empty directory at an absolute path of the image. */
    void add(String path, Path source) throws IOException {
        if (Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS)) {
            directory(path);
            return;
        }
        if (!Files.isRegularFile(source) && !Files.isSymbolicLink(source)) {
            throw new IOException(source + " is neither a file, a directory nor a link; an image cannot hold it");
        }
        directory(path.substring(0, Math.max(1, path.lastIndexOf('/'))));
        items.put(path.substring(1), new Item(source, modeOf(source)));
    }

    private int modeOf(Path source) {
        if (mode >= 0) {
            return mode;
        }
        return Files.isExecutable(source) ? EXECUTABLE_MODE : FILE_MODE;
    }

    /** Directories of this layer, absolute. */
    Set<String> directories() {
        return items.keySet().stream()
                .filter(name -> name.endsWith("/"))
                .map(name -> "/" + name.substring(0, name.length() - 1))
                .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    void writeTo(OutputStream out) throws IOException {
        var tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        for (var item : items.entrySet()) {
            write(tar, item.getKey(), item.getValue());
        }
        tar.finish();
        tar.flush();
    }

    private void write(TarArchiveOutputStream tar, String name, Item item) throws IOException {
        var source = item.source();
        if (source != null && Files.isSymbolicLink(source)) {
            var link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            link.setLinkName(Files.readSymbolicLink(source).toString());
            put(tar, link, 0777);
        } else {
            var entry = new TarArchiveEntry(name);
            if (source != null) {
                entry.setSize(Files.size(source));
            }
            put(tar, entry, item.mode());
            if (source != null) {
                Files.copy(source, tar);
            }
        }
        tar.closeArchiveEntry();
    }

    private void put(TarArchiveOutputStream tar, TarArchiveEntry entry, int entryMode) throws IOException {
        entry.setModTime(0);
        entry.setIds(owner.user(), owner.group());
        entry.setNames("", "");
        entry.setMode(entryMode);
        tar.putArchiveEntry(entry);
    }
}
