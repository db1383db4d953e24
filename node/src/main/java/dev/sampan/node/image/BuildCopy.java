package dev.sampan.node.image;

import dev.sampan.node.files.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** COPY and ADD: from names in the build context to the files of a layer. Knows which directories the image has so far. */
final class BuildCopy {

    /** Directories that every base image but {@code scratch} has. */
    private static final Set<String> STANDARD = Set.of(
            "/bin",
            "/etc",
            "/home",
            "/lib",
            "/mnt",
            "/models",
            "/opt",
            "/root",
            "/run",
            "/sbin",
            "/srv",
            "/tmp",
            "/usr",
            "/usr/bin",
            "/usr/lib",
            "/usr/local",
            "/usr/local/bin",
            "/usr/local/lib",
            "/usr/sbin",
            "/usr/share",
            "/var",
            "/var/lib");

    private final BuildContext context;
    private final Set<String> directories = new HashSet<>(Set.of("/"));
    private final List<Path> unpacked = new ArrayList<>();
    private List<Path> roots = List.of();

    BuildCopy(BuildContext context) {
        this.context = context;
    }

    /** Tells what the base image has. */
    void stackOn(List<Path> baseRoots, boolean standard) {
        roots = baseRoots;
        if (standard) {
            directories.addAll(STANDARD);
        }
    }

    void know(String directory) {
        directories.add(directory);
    }

    /** A path of the image; {@code ..} cannot leave it. */
    static String absolute(String workingDir, String path) {
        var base = workingDir.isEmpty() ? "/" : workingDir;
        return Path.of("/").resolve(base).resolve(path).normalize().toString();
    }

    /** @param words sources, then the destination */
    LayerFiles gather(String keyword, List<String> flags, List<String> words, String workingDir)
            throws BuildException, IOException {
        if (words.size() < 2) {
            throw new BuildException(keyword + " needs a source and a destination");
        }
        var layer = layer(keyword, flags);
        var destination = words.getLast();
        var target = absolute(workingDir, destination);
        var sources = new ArrayList<BuildContext.Source>();
        for (var word : words.subList(0, words.size() - 1)) {
            if (word.matches("(?i)(https?|git|ssh)://.*|git@.*")) {
                throw new BuildException(keyword + " of " + word
                        + ": the build does not use the network; download it into the directory and copy it");
            }
            sources.addAll(context.find(word));
        }
        boolean intoDirectory =
                destination.endsWith("/") || destination.matches("(.*/)?\\.\\.?") || isDirectory(target);
        if (sources.size() > 1 && !intoDirectory) {
            throw new BuildException(
                    "with several sources the destination is a directory and ends with /: \"" + destination + "\"");
        }
        for (var source : sources) {
            add(layer, source, target, intoDirectory, keyword.equals("ADD"));
        }
        directories.addAll(layer.directories());
        return layer;
    }

    private boolean isDirectory(String path) {
        return directories.contains(path)
                || roots.stream().anyMatch(root -> Files.isDirectory(root.resolve(path.substring(1))));
    }

    private void add(LayerFiles layer, BuildContext.Source source, String target, boolean into, boolean unpack)
            throws IOException {
        if (source.isDirectory()) {
            layer.directory(target);
            for (var path : context.below(source)) {
                layer.add(absolute(target, source.path().relativize(path).toString()), path);
            }
        } else if (unpack && source.name().matches(".*\\.(tar|tar\\.gz|tgz)")) {
            var tree = Files.createTempDirectory("sampan-add");
            unpacked.add(tree);
            try (var in = Files.newInputStream(source.path())) {
                Tar.unpackLayer(in, tree);
            }
            layer.directory(target);
            try (var files = Files.walk(tree)) {
                for (var file : files.filter(f -> !f.equals(tree)).sorted().toList()) {
                    layer.add(absolute(target, tree.relativize(file).toString()), file);
                }
            }
        } else {
            layer.add(into ? absolute(target, source.name()) : target, source.path());
        }
    }

    /** Deletes what archives were unpacked to, once the layer is written. */
    void discardUnpacked() throws IOException {
        for (var tree : unpacked) {
            Trees.delete(tree);
        }
        unpacked.clear();
    }

    private static LayerFiles layer(String keyword, List<String> flags) throws BuildException {
        var owner = LayerFiles.Owner.ROOT;
        int mode = -1;
        for (var flag : flags) {
            var value = flag.substring(flag.indexOf('=') + 1);
            if (flag.startsWith("--chown=")) {
                owner = owner(value);
            } else if (flag.startsWith("--chmod=")) {
                if (!value.matches("[0-7]{3,4}")) {
                    throw new BuildException("--chmod takes an octal mode, such as 755, not \"" + value + "\"");
                }
                mode = Integer.parseInt(value, 8);
            } else if (flag.startsWith("--from=")) {
                throw new BuildException(keyword + " --from is not supported; copy from the build context");
            } else if (!flag.equals("--link") && !flag.equals("--link=true")) {
                throw new BuildException(keyword + " does not know the flag " + flag);
            }
        }
        return new LayerFiles(owner, mode);
    }

    private static LayerFiles.Owner owner(String text) throws BuildException {
        if (!text.matches("(root|[0-9]{1,9})(:(root|[0-9]{1,9}))?")) {
            throw new BuildException("--chown takes numeric ids, such as 1000:1000, not \"" + text + "\"");
        }
        var ids = text.replace("root", "0").split(":");
        int user = Integer.parseInt(ids[0]);
        return new LayerFiles.Owner(user, ids.length > 1 ? Integer.parseInt(ids[1]) : user);
    }
}
