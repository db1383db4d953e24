package dev.sampan.node.image;

import dev.sampan.node.files.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The programs of a built-in image as files: each a script that runs a command line of the host. */
final class ProgramScripts {

    private ProgramScripts() {}

    /**
     * Makes a tree of scripts, unless it is there.
     *
     * @param programs absolute path in the container to command line
     * @return the tree
     */
    static Path in(Path tree, Map<String, List<String>> programs) {
        if (Files.isDirectory(tree)) {
            return tree;
        }
        try {
            Files.createDirectories(tree.getParent());
            var temporary = Files.createTempDirectory(tree.getParent(), "writing-");
            for (var program : programs.entrySet()) {
                var file = temporary.resolve(program.getKey().substring(1));
                Files.createDirectories(file.getParent());
                Files.writeString(file, script(program.getValue()));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
            Trees.moveInto(temporary, tree);
            return tree;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the programs of a built-in image: " + e.getMessage(), e);
        }
    }

    private static String script(List<String> command) {
        var words = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        return "#!/bin/sh\nexec " + words + " \"$@\"\n";
    }
}
