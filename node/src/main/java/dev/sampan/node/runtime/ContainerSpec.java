package dev.sampan.node.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as the agent wants it; everything is resolved except what comes from the image.
 *
 * @param attempt how many containers of this name the pod had before
 * @param command replaces the image's entrypoint when not empty
 * @param args replaces the image's arguments when this or command is not empty
 * @param workingDir empty for the image's
 * @param env added to the image's environment
 * @param logFile where standard output and error go, in CRI's format
 * @param user numeric user (and after a colon group) to run as, null for the image's
 */
public record ContainerSpec(
        String podUid,
        String name,
        int attempt,
        String image,
        List<String> command,
        List<String> args,
        String workingDir,
        Map<String, String> env,
        List<Mount> mounts,
        Limits limits,
        Path logFile,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        @Nullable String user,
        boolean readOnlyRoot) {

    /** A file or directory of the host at a path in the container. */
    public record Mount(Path host, String container, boolean readOnly) {}

    /**
     * Upper bounds; 0 means none.
     *
     * @param cpuMillis thousandths of a processor
     * @param cpuRequestMillis share under contention, thousandths of a processor
     */
    public record Limits(long cpuRequestMillis, long cpuMillis, long memoryBytes) {
        public static final Limits NONE = new Limits(0, 0, 0);
    }
}
