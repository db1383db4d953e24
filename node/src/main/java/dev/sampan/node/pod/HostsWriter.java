package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;

/** Writes a pod's {@code /etc/hosts}: its own line, its host aliases, and the names that it can use in the cluster. */
@FunctionalInterface
public interface HostsWriter {

    /** Brings the file up to date in place, because containers mount the very file. Any thread. */
    void write(Pod pod, String podIp, Path file) throws IOException;
}
