package dev.sampan.node.process;

import dev.sampan.node.runtime.ContainerSpec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Control groups, where the host lets the agent make them: version 1 hierarchies or a delegated version 2 subtree. A
 * container's group is named after its ID under {@code sampan}. Where there are none, limits are not enforced. Immutable.
 */
final class Cgroups {

    private static final String PARENT = "sampan";
    private static final long PERIOD_MICROS = 100_000;
    private static final int SHARES_PER_CPU = 1024;

    private final Map<String, Path> controllers; // controller name, or "" for version 2, to the directory of our groups

    private Cgroups(Map<String, Path> controllers) {
        this.controllers = Map.copyOf(controllers);
    }

    static Cgroups none() {
        return new Cgroups(Map.of());
    }

    /** Looks for hierarchies in which groups can be made, and makes the parent group in each. */
    static Cgroups detect(Path cgroupRoot, Path ownCgroup) {
        try {
            return Files.exists(cgroupRoot.resolve("cgroup.controllers"))
                    ? version2(cgroupRoot, ownCgroup)
                    : version1(cgroupRoot, ownCgroup);
        } catch (IOException e) {
            return none();
        }
    }

    private static Cgroups version2(Path root, Path ownCgroup) throws IOException {
        var own = ownPaths(ownCgroup).getOrDefault("", "/");
        for (var parent : List.of(root.resolve(own.substring(1)), root)) {
            try {
                var group = Files.createDirectories(parent.resolve(PARENT));
                enable(parent);
                enable(group);
                if (Files.exists(group.resolve("memory.max"))) {
                    return new Cgroups(Map.of("", group));
                }
            } catch (IOException e) {
                continue; // not ours to change; the next candidate may be
            }
        }
        return none();
    }

    private static void enable(Path group) throws IOException {
        Files.writeString(group.resolve("cgroup.subtree_control"), "+cpu +memory +pids");
    }

    private static Cgroups version1(Path root, Path ownCgroup) throws IOException {
        var own = ownPaths(ownCgroup);
        var found = new LinkedHashMap<String, Path>();
        for (var controller : List.of("memory", "cpu", "cpuacct")) {
            for (var parent : List.of(own.getOrDefault(controller, "/"), "/")) {
                var above = root.resolve(controller).resolve(parent.substring(1));
                var group = above.resolve(PARENT);
                if (!found.containsKey(controller) && Files.isDirectory(above) && makeable(group)) {
                    found.put(controller, group);
                }
            }
        }
        return new Cgroups(found);
    }

    private static boolean makeable(Path group) {
        try {
            Files.createDirectories(group);
            return Files.isWritable(group.resolve("cgroup.procs"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Lines of {@code /proc/self/cgroup}: {@code 4:memory:/path}; the controller is empty for version 2. */
    private static Map<String, String> ownPaths(Path ownCgroup) throws IOException {
        var paths = new LinkedHashMap<String, String>();
        for (var line : Files.readAllLines(ownCgroup)) {
            var parts = line.split(":", 3);
            for (var controller : parts[1].split(",")) {
                paths.put(controller, parts[2]);
            }
        }
        return paths;
    }

    boolean enforcesMemory() {
        return controllers.containsKey("memory") || controllers.containsKey("");
    }

    boolean enforcesCpu() {
        return controllers.containsKey("cpu") || controllers.containsKey("");
    }

    /** Makes a container's groups with its limits. */
    Group create(String id, Limits limits) throws IOException {
        var directories = new LinkedHashMap<String, Path>();
        for (var controller : controllers.entrySet()) {
            var group = Files.createDirectories(controller.getValue().resolve(id));
            directories.put(controller.getKey(), group);
            switch (controller.getKey()) {
                case "memory" -> limitMemory1(group, limits);
                case "cpu" -> limitCpu1(group, limits);
                case "" -> limit2(group, limits);
                default -> {} // only counts
            }
        }
        return new Group(directories);
    }

    /** The groups of a container that an earlier agent started. */
    Group find(String id) {
        var directories = new LinkedHashMap<String, Path>();
        controllers.forEach((controller, parent) -> {
            if (Files.isDirectory(parent.resolve(id))) {
                directories.put(controller, parent.resolve(id));
            }
        });
        return new Group(directories);
    }

    private static void limitMemory1(Path group, Limits limits) throws IOException {
        if (limits.memoryBytes() > 0) {
            Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(limits.memoryBytes()));
        }
    }

    private static void limitCpu1(Path group, Limits limits) throws IOException {
        if (limits.cpuRequestMillis() > 0) {
            long shares = Math.max(2, limits.cpuRequestMillis() * SHARES_PER_CPU / 1000);
            Files.writeString(group.resolve("cpu.shares"), Long.toString(shares));
        }
        if (limits.cpuMillis() > 0) {
            Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(quota(limits)));
        }
    }

    private static long quota(Limits limits) {
        return Math.max(1000, limits.cpuMillis() * PERIOD_MICROS / 1000);
    }

    private static void limit2(Path group, Limits limits) throws IOException {
        if (limits.memoryBytes() > 0) {
            Files.writeString(group.resolve("memory.max"), Long.toString(limits.memoryBytes()));
        }
        if (limits.cpuMillis() > 0) {
            Files.writeString(group.resolve("cpu.max"), quota(limits) + " " + PERIOD_MICROS);
        }
        if (limits.cpuRequestMillis() > 0) {
            long shares = Math.max(2, limits.cpuRequestMillis() * SHARES_PER_CPU / 1000);
            long weight = 1 + (shares - 2) * 9999 / 262142; // as the kubelet converts shares to weight
            Files.writeString(group.resolve("cpu.weight"), Long.toString(weight));
        }
    }

    /** One container's groups; empty where groups cannot be made. */
    static final class Group {
        private final Map<String, Path> directories;

        private Group(Map<String, Path> directories) {
            this.directories = Map.copyOf(directories);
        }

        /** Files to which a process writes its ID to join. */
        List<Path> processFiles() {
            return directories.values().stream()
                    .map(d -> d.resolve("cgroup.procs"))
                    .sorted()
                    .toList();
        }

        /** Whether the kernel killed one of its processes for want of memory. */
        boolean outOfMemory() {
            return number(directories.get("memory"), "memory.oom_control", "oom_kill ")
                                    .orElse(0)
                            > 0
                    || number(directories.get(""), "memory.events", "oom_kill ").orElse(0) > 0;
        }

        OptionalLong cpuNanos() {
            var v1 = number(directories.get("cpuacct"), "cpuacct.usage", "");
            if (v1.isPresent()) {
                return v1;
            }
            var v2 = number(directories.get(""), "cpu.stat", "usage_usec ");
            return v2.isPresent() ? OptionalLong.of(v2.getAsLong() * 1000) : v2;
        }

        /** Memory in use without the page cache that can be dropped. */
        OptionalLong workingSetBytes() {
            var v1 = number(directories.get("memory"), "memory.usage_in_bytes", "");
            if (v1.isPresent()) {
                long inactive = number(directories.get("memory"), "memory.stat", "total_inactive_file ")
                        .orElse(0);
                return OptionalLong.of(Math.max(0, v1.getAsLong() - inactive));
            }
            var v2 = number(directories.get(""), "memory.current", "");
            if (v2.isEmpty()) {
                return v2;
            }
            long inactive =
                    number(directories.get(""), "memory.stat", "inactive_file ").orElse(0);
            return OptionalLong.of(Math.max(0, v2.getAsLong() - inactive));
        }

        List<Integer> processes() {
            var pids = new ArrayList<Integer>();
            processFiles().stream()
                    .findFirst()
                    .ifPresent(file -> read(file).stream()
                            .filter(l -> !l.isBlank())
                            .map(Integer::valueOf)
                            .forEach(pids::add));
            return pids;
        }

        /** Deletes the groups; the processes in them must have ended. */
        void remove() throws IOException {
            for (var directory : directories.values()) {
                Files.deleteIfExists(directory);
            }
        }

        private static OptionalLong number(@org.jspecify.annotations.Nullable Path group, String file, String prefix) {
            if (group == null) {
                return OptionalLong.empty();
            }
            Optional<String> line = read(group.resolve(file)).stream()
                    .filter(l -> l.startsWith(prefix))
                    .findFirst();
            return line.isPresent()
                    ? OptionalLong.of(
                            Long.parseLong(line.get().substring(prefix.length()).trim()))
                    : OptionalLong.empty();
        }

        private static List<String> read(Path file) {
            try {
                return Files.readAllLines(file);
            } catch (IOException e) {
                return List.of();
            }
        }
    }
}
