package dev.sampan.node.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What the host lets containers have: whether they can get a root directory of their own, and what the host's top-level
 * directories become in it. Found out once by trying, in a namespace that ends with the trial.
 *
 * @param rooted user and mount namespaces work
 * @param reason why not, when they do not
 * @param privileged the agent is root in its namespace: containers need no user namespace and may run as any user
 * @param tops the entries of {@code /} that containers see
 */
record HostLayout(boolean rooted, String reason, boolean privileged, Map<String, Top> tops) {

    /** Directories whose content is the container's own, or which the plan builds itself. */
    private static final Set<String> OWN = Set.of("tmp", "run", "dev", "proc", "sys", "lost+found", "old_root");

    /** How a top-level entry of the host appears in a container. */
    sealed interface Top {}

    /** Changes stay in the container. */
    record Overlay() implements Top {}

    /** The host's directory, read-only. */
    record Bind() implements Top {}

    record Link(String target) implements Top {}

    /** Tries out the host. {@code scratch} must be on the file system that will hold the containers. */
    static HostLayout probe(Tools tools, Path scratch) throws IOException {
        if (!Files.isDirectory(Path.of("/proc/self/ns"))) {
            return none("this system has no Linux namespaces");
        }
        if (!tools.have("unshare", "nsenter", "mount", "setsid", "mkfifo")) {
            return none("unshare, nsenter, mount, setsid or mkfifo is not installed (package util-linux, coreutils)");
        }
        Files.createDirectories(scratch);
        var tops = topDirectories();
        if (isRoot()) {
            var found = trial(tools, scratch, tops, true);
            if (found.rooted()) {
                return found;
            }
        }
        return trial(tools, scratch, tops, false);
    }

    static HostLayout none(String reason) {
        return new HostLayout(false, reason, isRoot(), Map.of());
    }

    static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static Map<String, Top> topDirectories() throws IOException {
        var tops = new TreeMap<String, Top>();
        try (var entries = Files.newDirectoryStream(Path.of("/"))) {
            for (var entry : entries) {
                var name = entry.getFileName().toString();
                if (Files.isSymbolicLink(entry)) {
                    tops.put(name, new Link(Files.readSymbolicLink(entry).toString()));
                } else if (Files.isDirectory(entry) && !OWN.contains(name) && Files.isReadable(entry)) {
                    tops.put(name, new Bind());
                }
            }
        }
        return tops;
    }

    /** Mounts an overlay over each directory in a throw-away namespace; prints the names that worked. */
    private static HostLayout trial(Tools tools, Path scratch, Map<String, Top> tops, boolean privileged)
            throws IOException {
        var script = new StringBuilder("set -e\ncd ")
                .append(Shell.quote(scratch.toString()))
                .append('\n');
        var mount = tools.path("mount");
        for (var top : tops.entrySet()) {
            if (top.getValue() instanceof Bind) {
                for (var layer : new String[] {"upper", "work", "merged"}) {
                    Files.createDirectories(scratch.resolve(top.getKey()).resolve(layer));
                }
                var at = scratch.resolve(top.getKey());
                script.append("if ")
                        .append(mount)
                        .append(" -t overlay overlay -o ")
                        .append(Shell.quote(overlayOptions("/" + top.getKey(), at, privileged)))
                        .append(' ')
                        .append(Shell.quote(at + "/merged"))
                        .append(" 2>/dev/null; then echo ")
                        .append(Shell.quote(top.getKey()))
                        .append("; fi\n");
            }
        }
        script.append("echo /done\n");
        return run(tools, script.toString(), tops, privileged);
    }

    static String overlayOptions(String lower, Path layers, boolean privileged) {
        return "lowerdir=" + lower + ",upperdir=" + layers + "/upper,workdir=" + layers + "/work"
                + (privileged ? "" : ",userxattr");
    }

    private static HostLayout run(Tools tools, String script, Map<String, Top> tops, boolean privileged)
            throws IOException {
        var command = privileged
                ? new String[] {tools.path("unshare"), "-m", "-u", "/bin/sh", "-c", script}
                : new String[] {tools.path("unshare"), "-U", "-r", "-m", "-u", "/bin/sh", "-c", script};
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return none("unshare did not answer within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return none("interrupted");
        }
        var lines = new HashSet<>(output.lines().toList());
        if (!lines.contains("/done")) {
            return none("namespaces are not permitted here: " + output.strip());
        }
        var known = new TreeMap<>(tops);
        known.replaceAll((name, top) -> top instanceof Bind && lines.contains(name) ? new Overlay() : top);
        return new HostLayout(true, "", privileged, known);
    }
}
