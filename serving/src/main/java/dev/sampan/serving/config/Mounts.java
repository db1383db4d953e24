package dev.sampan.serving.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Paths of volumes in a container that has no root file system of its own: {@code SAMPAN_MOUNTS} lists
 * {@code /mount/path=/path/on/the/host}, separated by semicolons. Without it every path is itself.
 */
public final class Mounts {
    private final @Nullable String mounts;
    private final Path cache;

    public Mounts(Map<String, String> environment) {
        this.mounts = environment.get("SAMPAN_MOUNTS");
        this.cache = ModelLocation.cache(environment);
    }

    /** Where copies of models that lie elsewhere are kept. */
    Path cache() {
        return cache;
    }

    /** Where a path of the container lies; the longest mount path that contains it decides. */
    public Path resolve(String path) {
        var wanted = Path.of(path);
        if (mounts == null || Files.exists(wanted)) {
            return wanted;
        }
        Path best = wanted;
        int depth = -1;
        for (var mount : mounts.split(";", -1)) {
            int equals = mount.indexOf('=');
            if (equals > 0) {
                var inside = Path.of(mount.substring(0, equals));
                if (wanted.startsWith(inside) && inside.getNameCount() > depth) {
                    depth = inside.getNameCount();
                    best = Path.of(mount.substring(equals + 1)).resolve(inside.relativize(wanted));
                }
            }
        }
        return best;
    }
}
