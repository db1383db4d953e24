package dev.sampan.node.image;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a container gets from its image.
 *
 * @param id names the content, such as {@code sha256:…}
 * @param names every name the store knows it by, familiar form
 * @param user user to run as, as the image's author wrote it; empty for root
 * @param roots trees of the image's files, the uppermost first
 * @param hostPaths files and directories of the host that its programs need at the very same path
 */
public record Image(
        String id,
        List<String> names,
        List<String> entrypoint,
        List<String> command,
        Map<String, String> env,
        String workingDir,
        String user,
        List<String> ports,
        List<Path> roots,
        List<Path> hostPaths,
        long sizeBytes) {}
