package dev.sampan.node.process;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is written down about a container, so that an agent that comes back knows it. */
record ContainerRecord(
        String id,
        String podUid,
        String name,
        int attempt,
        String image,
        String imageId,
        Instant created,
        List<String> command,
        Map<String, String> environment,
        String workingDir,
        @Nullable String user,
        String logFile,
        boolean stdin,
        boolean stdinOnce,
        boolean tty) {

    /**
     * The processes of a started container.
     *
     * @param supervisor the shell that waits for the main process and writes its exit code down
     * @param startTicks when the main process started, since the boot that {@code bootId} names
     */
    record Started(
            int pid,
            long startTicks,
            int supervisor,
            long supervisorTicks,
            String bootId,
            Instant at,
            boolean rooted) {}

    /** How it ended. */
    record Ended(Instant at, int exitCode, String reason, String message) {}
}
