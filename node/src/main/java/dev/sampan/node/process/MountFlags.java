package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The flags of the host's mounts that a user namespace may not take away: a read-only bind mount has to repeat them or
 * the kernel refuses it. Immutable.
 */
final class MountFlags {

    private static final Set<String> LOCKED = Set.of("nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime");

    private final Map<Path, String> flagsOfMount;

    private MountFlags(Map<Path, String> flagsOfMount) {
        this.flagsOfMount = Map.copyOf(flagsOfMount);
    }

    static MountFlags read(Path mountInfo) throws IOException {
        var flags = new HashMap<Path, String>();
        for (var line : Files.readAllLines(mountInfo)) {
            var fields = line.split(" ");
            var kept = new StringBuilder();
            for (var option : fields[5].split(",")) {
                if (LOCKED.contains(option)) {
                    kept.append(',').append(option);
                }
            }
            flags.put(Path.of(fields[4].replace("\\040", " ")), kept.toString());
        }
        return new MountFlags(flags);
    }

    static MountFlags none() {
        return new MountFlags(Map.of());
    }

    /** Options to add, each after a comma, for a mount of that path. */
    String locked(Path path) {
        for (var at = path; at != null; at = at.getParent()) {
            var flags = flagsOfMount.get(at);
            if (flags != null) {
                return flags;
            }
        }
        return "";
    }
}
