package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One container's view of the file system, as a directory and a table of mounts: the host's top-level directories (as
 * overlays whose changes stay in the container, or read-only), under them the image's files, above them the pod's
 * volumes. {@link #prepare} makes all mount points before the namespace exists, so that one {@code mount -a} does the
 * rest. Not thread-safe; one per start of a container.
 */
final class RootPlan {

    private static final List<String> DEVICES =
            List.of("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "mqueue");
    private static final int MOST_LINKS = 40;

    private final HostLayout host;
    private final Path directory;
    private final List<Path> imageRoots;
    private final boolean readOnly;
    private final Map<String, Place> places = new TreeMap<>();
    private final Map<String, Bound> mounts = new LinkedHashMap<>();
    private final List<String> directories = new ArrayList<>();
    private final List<String> table = new ArrayList<>();
    private final MountFlags flags;

    /** What a directory of the container is made of. */
    private sealed interface Place {}

    private record Layered(List<Path> lower) implements Place {}

    private record Bind(Path host) implements Place {}

    private record Plain() implements Place {}

    /** Something mounted at a path of the container. */
    record Bound(Path host, boolean readOnly) {}

    /**
     * @param directory the container's own; gets {@code root}, {@code layers} and {@code mounts}
     * @param imageRoots trees with the image's files, the uppermost first
     */
    RootPlan(HostLayout host, Path directory, List<Path> imageRoots, boolean readOnly, MountFlags flags) {
        this.host = host;
        this.directory = directory;
        this.imageRoots = imageRoots;
        this.readOnly = readOnly;
        this.flags = flags;
    }

    Path root() {
        return directory.resolve("root");
    }

    Path tableFile() {
        return directory.resolve("mounts");
    }

    /** Adds a mount; the container path may go through symbolic links of the host. */
    void mount(Path source, String target, boolean mountReadOnly) {
        mounts.put(Path.of("/").resolve(target).normalize().toString(), new Bound(source, mountReadOnly));
    }

    /** Makes sure that the container has a directory, such as its working directory. */
    void directory(String path) {
        directories.add(Path.of("/").resolve(path).normalize().toString());
    }

    /** Makes the root directory and every mount point, and writes the table for {@code mount -a}. */
    void prepare() throws IOException {
        Files.createDirectories(root());
        if (readOnly) {
            table.add(line(root(), root(), "bind,ro"));
        }
        topLevel();
        devices();
        var resolved = new TreeMap<String, Bound>(
                Comparator.comparingInt((String p) -> Path.of(p).getNameCount()).thenComparing(p -> p));
        for (var mount : mounts.entrySet()) {
            resolved.put(resolve(mount.getKey()), mount.getValue());
        }
        var points = new ArrayList<String>();
        for (var mount : resolved.entrySet()) {
            makePoint(mount.getKey(), Files.isDirectory(mount.getValue().host()), resolved);
            points.add(line(mount.getValue().host(), at(mount.getKey()), options(mount.getValue())));
        }
        for (var path : directories) {
            var real = resolve(path);
            if (find(real).isEmpty() && !real.equals("/")) {
                makePoint(real, true, resolved);
            }
        }
        places.forEach((path, place) -> table.addAll(lines(path, place)));
        table.addAll(points);
        Files.write(tableFile(), table);
    }

    private String options(Bound bound) {
        return bound.readOnly() ? "rbind,ro" + flags.locked(bound.host()) : "rbind";
    }

    private void topLevel() throws IOException {
        for (var top : host.tops().entrySet()) {
            switch (top.getValue()) {
                case HostLayout.Link(var target) ->
                    Files.createSymbolicLink(root().resolve(top.getKey()), Path.of(target));
                case HostLayout.Overlay() -> layered("/" + top.getKey(), true);
                case HostLayout.Bind() -> place("/" + top.getKey(), new Bind(Path.of("/" + top.getKey())));
            }
        }
        for (var image : imageRoots) {
            try (var entries = Files.list(image)) {
                for (var entry : entries.sorted().toList()) {
                    addImageEntry(image, entry);
                }
            }
        }
        for (var own : List.of("tmp", "run", "root", "proc", "sys", "dev")) {
            if (!Files.exists(root().resolve(own), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                place("/" + own, new Plain());
            }
        }
        writable(root().resolve("tmp"));
        table.add(line(Path.of("/proc"), at("/proc"), "rbind"));
        table.add(line(Path.of("/sys"), at("/sys"), "rbind"));
    }

    private void addImageEntry(Path image, Path entry) throws IOException {
        var path = "/" + image.relativize(entry);
        var real = resolve(path);
        if (Files.isDirectory(entry) && (places.get(real) == null || places.get(real) instanceof Layered)) {
            layered(real, host.tops().get(real.substring(1)) instanceof HostLayout.Overlay);
        } else if (Files.isDirectory(entry)) {
            mergeBelow(path, entry);
        } else if (places.get(real) == null) {
            Files.copy(entry, root().resolve(path.substring(1)), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Where a host directory cannot be layered, the image's files are mounted one by one over it. */
    private void mergeBelow(String path, Path entry) throws IOException {
        try (var children = Files.list(entry)) {
            for (var child : children.toList()) {
                var childPath = path + "/" + child.getFileName();
                if (Files.isDirectory(child) && Files.isDirectory(Path.of(childPath))) {
                    mergeBelow(childPath, child);
                } else {
                    mounts.putIfAbsent(childPath, new Bound(child, true));
                }
            }
        }
    }

    private void layered(String path, boolean withHost) throws IOException {
        var lower = new ArrayList<Path>();
        for (var image : imageRoots) {
            var files = image.resolve(path.substring(1));
            if (Files.isDirectory(files)) {
                lower.add(files);
            }
        }
        if (withHost) {
            lower.add(Path.of(path));
        }
        for (var layer : List.of("upper", "work")) {
            Files.createDirectories(layers(path).resolve(layer));
        }
        place(path, new Layered(lower));
    }

    private Path layers(String path) {
        return directory.resolve("layers").resolve(path.substring(1));
    }

    private void place(String path, Place place) throws IOException {
        places.put(path, place);
        Files.createDirectories(at(path));
    }

    private static void writable(Path tmp) throws IOException {
        Files.setPosixFilePermissions(tmp, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private void devices() throws IOException {
        var dev = root().resolve("dev");
        for (var link : Map.of(
                        "fd",
                        "/proc/self/fd",
                        "stdin",
                        "/proc/self/fd/0",
                        "stdout",
                        "/proc/self/fd/1",
                        "stderr",
                        "/proc/self/fd/2")
                .entrySet()) {
            Files.createSymbolicLink(dev.resolve(link.getKey()), Path.of(link.getValue()));
        }
        var names = new ArrayList<>(DEVICES);
        var all = Path.of("/dev").toFile().list((d, n) -> n.startsWith("nvidia") || n.equals("dri") || n.equals("kfd"));
        names.addAll(List.of(all == null ? new String[0] : all));
        for (var name : names) {
            var device = Path.of("/dev").resolve(name);
            if (Files.exists(device)) {
                make(dev.resolve(name), Files.isDirectory(device));
                table.add(line(device, dev.resolve(name), "rbind"));
            }
        }
        Files.createDirectories(dev.resolve("shm"));
        table.add("tmpfs " + escape(dev.resolve("shm")) + " tmpfs mode=1777,nosuid,nodev 0 0");
    }

    private List<String> lines(String path, Place place) {
        return switch (place) {
            case Plain() -> List.of();
            case Bind(var source) -> List.of(line(source, at(path), "rbind,ro" + flags.locked(source)));
            case Layered(var lower) -> {
                var lowers = String.join(":", lower.stream().map(Path::toString).toList());
                yield List.of("overlay " + escape(at(path)) + " overlay "
                        + HostLayout.overlayOptions(lowers, layers(path), host.privileged())
                                .replace(" ", "\\040")
                        + (readOnly ? ",ro" : "") + " 0 0");
            }
        };
    }

    /** Makes sure that something is there to mount upon. */
    private void makePoint(String path, boolean directoryMount, Map<String, Bound> all) throws IOException {
        var outer = parents(path).filter(all::containsKey).findFirst();
        if (outer.isPresent()) {
            var outerMount = Objects.requireNonNull(all.get(outer.get()));
            make(outerMount.host().resolve(Path.of(outer.get()).relativize(Path.of(path))), directoryMount);
            return;
        }
        var within = parents(path).filter(places::containsKey).findFirst().orElse("/");
        switch (places.getOrDefault(within, new Plain())) {
            case Plain() -> make(at(path), directoryMount);
            case Layered(var lower) -> {
                var relative = Path.of(within).relativize(Path.of(path));
                if (lower.stream().noneMatch(l -> Files.exists(l.resolve(relative)))) {
                    make(layers(within).resolve("upper").resolve(relative), directoryMount);
                }
            }
            case Bind(var source) -> {
                var existing = source.resolve(Path.of(within).relativize(Path.of(path)));
                if (!Files.exists(existing)) {
                    explode(within, source);
                    makePoint(path, directoryMount, all);
                }
            }
        }
    }

    /** Replaces a read-only directory by an own one in which its children are bound. */
    private void explode(String path, Path source) throws IOException {
        place(path, new Plain());
        try (var children = Files.list(source)) {
            for (var child : children.toList()) {
                var childPath = path + "/" + child.getFileName();
                if (Files.isSymbolicLink(child)) {
                    Files.createSymbolicLink(at(childPath), Files.readSymbolicLink(child));
                } else if (Files.isDirectory(child)) {
                    place(childPath, new Bind(child));
                } else {
                    places.put(childPath, new Bind(child));
                    make(at(childPath), false);
                }
            }
        }
    }

    private static void make(Path point, boolean directory) throws IOException {
        if (directory) {
            Files.createDirectories(point);
        } else if (!Files.exists(point)) {
            Files.createDirectories(point.getParent());
            Files.createFile(point);
        }
    }

    /** The path and its ancestors below the root, the nearest first; without the path itself. */
    private static java.util.stream.Stream<String> parents(String path) {
        return java.util.stream.Stream.iterate(
                        Path.of(path).getParent(), p -> p != null && p.getNameCount() > 0, Path::getParent)
                .map(Path::toString);
    }

    /** The container path with the symbolic links of host and image followed, as far as it exists. */
    String resolve(String path) throws IOException {
        var pending = new java.util.ArrayDeque<Path>();
        Path.of(path).normalize().forEach(pending::add);
        var done = Path.of("/");
        for (int links = 0; !pending.isEmpty(); ) {
            var next = done.resolve(pending.poll()).normalize();
            var target = link(next.toString());
            if (target.isPresent() && links++ < MOST_LINKS) {
                var parts = new ArrayList<Path>();
                done.resolve(target.get()).normalize().forEach(parts::add);
                for (int i = parts.size() - 1; i >= 0; i--) {
                    pending.addFirst(parts.get(i));
                }
                done = Path.of("/");
            } else {
                done = next;
            }
        }
        return done.toString();
    }

    private Optional<Path> link(String path) throws IOException {
        for (var source : sources(path)) {
            if (Files.isSymbolicLink(source)) {
                return Optional.of(Files.readSymbolicLink(source));
            }
            if (Files.exists(source)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Where on the host the content of a container path may be, the uppermost layer first. */
    private List<Path> sources(String path) {
        var sources = new ArrayList<Path>();
        for (var image : imageRoots) {
            sources.add(image.resolve(path.substring(1)));
        }
        var top = Path.of(path).getNameCount() == 0
                ? ""
                : Path.of(path).getName(0).toString();
        if (host.tops().containsKey(top)) {
            sources.add(Path.of(path));
        }
        return sources;
    }

    /** The host file behind a path of the container, if there is one; to check commands before they are run. */
    Optional<Path> find(String path) throws IOException {
        var real = resolve(path);
        for (var mount : mounts.entrySet()) {
            var point = resolve(mount.getKey());
            if (Path.of(real).startsWith(point)) {
                var inside = mount.getValue().host().resolve(Path.of(point).relativize(Path.of(real)));
                return Files.exists(inside) ? Optional.of(inside) : Optional.empty();
            }
        }
        return sources(real).stream().filter(Files::exists).findFirst();
    }

    private Path at(String path) {
        return root().resolve(path.substring(1));
    }

    private static String line(Path source, Path target, String options) {
        return escape(source) + " " + escape(target) + " none " + options + " 0 0";
    }

    /** As fstab(5) wants spaces and backslashes written. */
    private static String escape(Path path) {
        return path.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
    }
}
