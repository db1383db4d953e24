package dev.sampan.node.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks what comes in tar files. Nothing is ever written outside the target directory. */
final class Tar {

    static final int GZIP_FIRST_BYTE = 0x1f;

    private Tar() {}

    /** Unpacks an image layer, compressed or not. */
    static void unpackLayer(InputStream layer, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(plain(layer))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var path = inside(target, entry.getName());
                if (!path.equals(target) && throughNoLink(target, path)) {
                    unpack(tar, entry, target, path);
                }
            }
        }
    }

    private static InputStream plain(InputStream in) throws IOException {
        var buffered = new BufferedInputStream(in);
        buffered.mark(1);
        int first = buffered.read();
        buffered.reset();
        return first == GZIP_FIRST_BYTE ? new GZIPInputStream(buffered) : buffered;
    }

    private static Path inside(Path target, String name) throws IOException {
        var path = target.resolve(name.replaceFirst("^/+", "")).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("the archive has an entry outside its root: " + name);
        }
        return path;
    }

    private static boolean throughNoLink(Path target, Path path) {
        for (var at = path.getParent(); at != null && !at.equals(target); at = at.getParent()) {
            if (Files.isSymbolicLink(at)) {
                return false;
            }
        }
        return true;
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target, Path path)
            throws IOException {
        Files.createDirectories(path.getParent());
        if (entry.isDirectory()) {
            Files.createDirectories(path);
        } else if (entry.isSymbolicLink()) {
            Files.deleteIfExists(path);
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.deleteIfExists(path);
            Files.createLink(path, inside(target, entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, path, StandardCopyOption.REPLACE_EXISTING);
        }
        if (!entry.isSymbolicLink() && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions(entry)));
        }
    }

    private static String permissions(TarArchiveEntry entry) {
        var text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((entry.getMode() >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
        }
        text.setCharAt(0, 'r'); // the agent itself must be able to read and replace it
        text.setCharAt(1, 'w');
        return text.toString();
    }
}
