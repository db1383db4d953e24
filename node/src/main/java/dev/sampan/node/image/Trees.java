package dev.sampan.node.image;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;

/** Directory trees of the store: they appear whole and go whole. */
final class Trees {

    private Trees() {}

    /** Moves a finished tree to its place; whoever comes second keeps the first one's, which has the same content. */
    static void moveInto(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
            delete(temporary);
        }
    }

    /** Deletes a tree if it is there; links are not followed. */
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var files = Files.walk(tree)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
