package dev.sampan.node.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The directory a build may copy from, without what {@code .dockerignore} names. */
final class BuildContext {

    private final Path directory;
    private final IgnoreFile ignore;

    BuildContext(Path directory) throws IOException, BuildException {
        if (!Files.isDirectory(directory)) {
            throw new BuildException("the build context " + directory + " is not a directory");
        }
        this.directory = directory.toRealPath();
        this.ignore = IgnoreFile.in(directory);
    }

    /**
     * A source of a COPY.
     *
     * @param relative to the context, empty for the context itself
     */
    record Source(Path path, String relative) {
        boolean isDirectory() {
            return Files.isDirectory(path);
        }

        String name() {
            return String.valueOf(path.getFileName());
        }
    }

    /** What a source of a COPY stands for, in the order of the names; at least one. */
    List<Source> find(String text) throws IOException, BuildException {
        var pattern = relative(text);
        if (!PathPattern.hasWildcard(pattern)) {
            var path = directory.resolve(pattern);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new BuildException("\"" + text + "\" is not in the build context " + directory);
            }
            if (!pattern.isEmpty() && ignore.ignores(pattern)) {
                throw new BuildException("\"" + text + "\" is left out by .dockerignore");
            }
            inContext(path, text);
            return List.of(new Source(path, pattern));
        }
        var matcher = PathPattern.compile(pattern);
        var found = new ArrayList<Source>();
        try (var tree = Files.walk(directory)) {
            for (var path : tree.sorted().toList()) {
                var name = directory.relativize(path).toString();
                if (!name.isEmpty() && matcher.matcher(name).matches() && !ignore.ignores(name)) {
                    found.add(new Source(path, name));
                }
            }
        }
        if (found.isEmpty()) {
            throw new BuildException("nothing in the build context " + directory + " matches \"" + text + "\"");
        }
        return found;
    }

    private static String relative(String text) throws BuildException {
        var path = Path.of(text.replaceFirst("^/+", "")).normalize();
        if (path.startsWith("..")) {
            throw new BuildException(
                    "\"" + text
                            + "\" lies outside the build context; copy it into the directory, or build from a parent directory");
        }
        return path.toString();
    }

    private void inContext(Path path, String text) throws IOException, BuildException {
        if (Files.exists(path) && !path.toRealPath().startsWith(directory)) {
            throw new BuildException("\"" + text + "\" is a link to a place outside the build context");
        }
    }

    /** Files and directories below a source directory that are not ignored, parents first. */
    List<Path> below(Source source) throws IOException {
        try (var tree = Files.walk(source.path())) {
            return tree.filter(p -> !p.equals(source.path()))
                    .filter(p -> !ignore.ignores(directory.relativize(p).toString()))
                    .sorted()
                    .toList();
        }
    }
}
