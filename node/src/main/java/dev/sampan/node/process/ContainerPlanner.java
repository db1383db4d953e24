package dev.sampan.node.process;

import dev.sampan.node.image.Image;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns a container specification and an image into a command line, environment and file system view, and checks before
 * the start what would fail at the exec. Remembers what it planned until the container is started.
 */
final class ContainerPlanner {

    static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final ProcessHost host;
    private final Map<String, Planned> planned = new ConcurrentHashMap<>();

    private record Planned(ContainerSpec spec, Image image, ProcessSandbox sandbox) {}

    ContainerPlanner(ProcessHost host) {
        this.host = host;
    }

    /** Makes the container's record. */
    ProcessContainer plan(String id, ContainerSpec spec, Image image, ProcessSandbox sandbox, ContainerFiles files)
            throws IOException, ContainerFailure {
        var command = command(spec, image);
        if (command.isEmpty()) {
            throw new ContainerFailure(
                    "CreateContainerError",
                    "no command specified: neither the container nor its image \"" + spec.image() + "\" names one");
        }
        var environment = environment(id, spec, image, sandbox);
        var directory = spec.workingDir().isEmpty() ? image.workingDir() : spec.workingDir();
        var workingDir = directory.isEmpty() ? "/" : directory;
        if (!host.layout().rooted()) {
            var rewriter = new PathRewriter(spec.mounts());
            command = inHostsView(rewriter.rewrite(command), sandbox);
            environment = rewriter.rewrite(environment);
            environment.put("SAMPAN_MOUNTS", rewriter.variable());
            workingDir = existing(rewriter.rewrite(workingDir), files);
        }
        var record = new ContainerRecord(
                id,
                spec.podUid(),
                spec.name(),
                spec.attempt(),
                spec.image(),
                image.id(),
                host.clock().instant(),
                command,
                environment,
                workingDir,
                user(spec, image),
                spec.logFile().toString(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty());
        files.write(record);
        planned.put(id, new Planned(spec, image, sandbox));
        return new ProcessContainer(host, record, files);
    }

    /** Kubernetes' rules for command and args against the image's entrypoint and command. */
    static List<String> command(ContainerSpec spec, Image image) {
        var words = new ArrayList<>(spec.command().isEmpty() ? image.entrypoint() : spec.command());
        if (!spec.args().isEmpty()) {
            words.addAll(spec.args());
        } else if (spec.command().isEmpty()) {
            words.addAll(image.command());
        }
        return words;
    }

    private Map<String, String> environment(String id, ContainerSpec spec, Image image, ProcessSandbox sandbox) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", DEFAULT_PATH);
        environment.put("HOME", host.layout().rooted() && homeIsWritable() ? "/root" : "/tmp");
        environment.put("HOSTNAME", sandbox.hostname());
        if (spec.tty()) {
            environment.put("TERM", "xterm");
        }
        environment.putAll(image.env());
        environment.putAll(spec.env());
        environment.put(ProcessTree.MARKER, id);
        return environment;
    }

    private boolean homeIsWritable() {
        return !(host.layout().tops().get("root") instanceof HostLayout.Bind);
    }

    /** Java programs of ours resolve names with the pod's hosts file, which they cannot have at /etc/hosts. */
    private static List<String> inHostsView(List<String> command, ProcessSandbox sandbox) {
        if (!command.getFirst().endsWith("/java") || command.size() < 2) {
            return command;
        }
        var words = new ArrayList<>(command);
        words.add(1, "-Djdk.net.hosts.file=" + sandbox.hosts());
        return words;
    }

    private static String existing(String workingDir, ContainerFiles files) throws IOException {
        if (Files.isDirectory(Path.of(workingDir))) {
            return workingDir;
        }
        return Files.createDirectories(files.directory().resolve("work")).toString();
    }

    private static @Nullable String user(ContainerSpec spec, Image image) {
        if (spec.user() != null) {
            return spec.user();
        }
        return image.user().matches("[0-9]+(:[0-9]+)?") ? image.user() : null;
    }

    /** Prepares the file system view and the control groups, then starts. */
    void start(ProcessContainer container) throws ContainerFailure {
        var plan = planned.remove(container.record().id());
        if (plan == null) {
            throw container.failed("the container was created by an earlier agent; it has to be created again");
        }
        try {
            var group =
                    host.cgroups().create(container.record().id(), plan.spec().limits());
            if (!host.layout().rooted()) {
                container.start(new ProcessContainer.Preparation(null, null, group));
                return;
            }
            var root = root(container, plan);
            var missing = new CommandCheck(root).missing(container.record());
            if (missing.isPresent()) {
                throw container.failed(missing.get());
            }
            var hostname = plan.sandbox().hostNetwork() ? null : plan.sandbox().hostname();
            container.start(new ProcessContainer.Preparation(root, hostname, group));
        } catch (IOException e) {
            throw container.failed("cannot prepare the container's file system: " + e.getMessage());
        }
    }

    private RootPlan root(ProcessContainer container, Planned plan) throws IOException {
        var directory = container.files().directory();
        var root = new RootPlan(
                host.layout(),
                directory,
                plan.image().roots(),
                plan.spec().readOnlyRoot(),
                MountFlags.read(Path.of("/proc/self/mountinfo")));
        root.mount(Path.of(plan.sandbox().hosts()), "/etc/hosts", false);
        root.mount(resolvConf(directory), "/etc/resolv.conf", false);
        for (var path : plan.image().hostPaths()) {
            if (path.startsWith("/tmp") || path.startsWith("/run")) {
                root.mount(path, path.toString(), true);
            }
        }
        for (var mount : plan.spec().mounts()) {
            root.mount(mount.host(), mount.container(), mount.readOnly());
        }
        root.directory(container.record().workingDir());
        root.prepare();
        return root;
    }

    private static Path resolvConf(Path directory) throws IOException {
        var file = directory.resolve("resolv.conf");
        var ofHost = Path.of("/etc/resolv.conf");
        Files.writeString(file, Files.exists(ofHost) ? Files.readString(ofHost) : "");
        return file;
    }

    void forget(String id) {
        planned.remove(id);
    }
}
