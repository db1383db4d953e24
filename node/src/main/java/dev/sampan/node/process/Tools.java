package dev.sampan.node.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the host's programs are that the runtime itself calls, by absolute path, so that a pod's PATH does not matter. */
final class Tools {

    private final List<Path> directories;

    Tools(String path) {
        directories = new ArrayList<>();
        for (var part : (path + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(":")) {
            if (!part.isEmpty() && !directories.contains(Path.of(part))) {
                directories.add(Path.of(part));
            }
        }
    }

    static Tools ofHost() {
        var path = System.getenv("PATH");
        return new Tools(path == null ? "" : path);
    }

    Optional<Path> find(String program) {
        return directories.stream()
                .map(d -> d.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The program's absolute path, or its bare name when it is not found, so that running it fails with its name. */
    String path(String program) {
        return find(program).map(Path::toString).orElse(program);
    }

    boolean have(String... programs) {
        for (var program : programs) {
            if (find(program).isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
