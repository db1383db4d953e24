package dev.sampan.node.image;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An image that is a program of this project (or of the host), run where it is installed.
 *
 * @param names image names without tag, such as {@code tensorflow/serving}; any tag of them is this image
 * @param entrypoint the program and its first arguments; a pod's args follow
 * @param command default arguments
 * @param ports exposed ports, such as {@code 8501/tcp}
 * @param programs further programs that people's manifests name, such as {@code /usr/local/bin/python}: path in the
 *     container to command line; what the container's command adds follows
 */
public record BuiltinImage(
        List<String> names,
        List<String> entrypoint,
        List<String> command,
        Map<String, String> env,
        List<String> ports,
        Map<String, List<String>> programs) {

    /** Sorts the maps: an image's id is made of all this and stays the same in every process. */
    public BuiltinImage {
        names = List.copyOf(names);
        env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
        programs = Collections.unmodifiableSortedMap(new TreeMap<>(programs));
    }

    /** An image without default arguments, ports and further programs. */
    public BuiltinImage(List<String> names, List<String> entrypoint, Map<String, String> env) {
        this(names, entrypoint, List.of(), env, List.of(), Map.of());
    }

    boolean answersTo(ImageName wanted) {
        return names.stream()
                .map(ImageName::parse)
                .anyMatch(n -> n.isPresent() && n.get().repository().equals(wanted.repository()));
    }

    /** Absolute paths that the command line mentions, such as a class path's entries. */
    List<Path> hostPaths() {
        var paths = new LinkedHashSet<Path>();
        for (var word : entrypoint) {
            for (var part : word.substring(word.indexOf('=') + 1).split(File.pathSeparator)) {
                if (part.startsWith("/") && Files.exists(Path.of(part.replace("*", "")))) {
                    paths.add(installation(Path.of(part.replace("*", ""))));
                }
            }
        }
        return List.copyOf(paths);
    }

    /** For {@code X/bin/program} it is X that the program needs; system directories are there anyway. */
    private static Path installation(Path path) {
        var parent = path.getParent();
        if (parent == null || !parent.endsWith("bin") || parent.getNameCount() <= 2) {
            return path;
        }
        return Objects.requireNonNull(parent.getParent());
    }
}
