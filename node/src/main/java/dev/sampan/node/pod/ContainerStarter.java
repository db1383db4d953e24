package dev.sampan.node.pod;

import dev.sampan.node.image.ImageConfig;
import dev.sampan.node.image.Images;
import dev.sampan.node.runtime.ContainerId;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ContainerSpec;
import dev.sampan.node.runtime.ContainerStartException;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a container's specification into one that a runtime can start: image, command, environment, mounts. */
final class ContainerStarter {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerStarter.class);
    private static final String TERMINATION_LOG = "/dev/termination-log";
    private static final int MAX_TERMINATION_MESSAGE = 4096;

    private final ContainerRuntime runtime;
    private final Images images;
    private final ObjectLookup lookup;
    private final ProbeRunner prober;
    private final PodEvents events;
    private final NodeFacts node;

    /**
     * What containers learn of their node.
     *
     * @param hostsFile the cluster's names, mounted at /etc/hosts
     * @param environment variables that every container gets, such as where the API server is
     */
    record NodeFacts(
            String hostIp, Path hostsFile, Map<String, Quantity> allocatable, Map<String, String> environment) {}

    ContainerStarter(
            ContainerRuntime runtime,
            Images images,
            ObjectLookup lookup,
            ProbeRunner prober,
            PodEvents events,
            NodeFacts node) {
        this.runtime = runtime;
        this.images = images;
        this.lookup = lookup;
        this.prober = prober;
        this.events = events;
        this.node = node;
    }

    private PodFields fields(Pod pod, PodSandbox sandbox) {
        return new PodFields(pod, sandbox.ip, node.hostIp(), node.allocatable());
    }

    private PodVolumes volumes(PodSandbox sandbox) {
        return new PodVolumes(lookup, sandbox.folder.resolve("volumes"));
    }

    /** Makes the pod's volumes. */
    void prepare(Pod pod, PodSandbox sandbox) throws ConfigException, IOException {
        volumes(sandbox).prepare(pod, fields(pod, sandbox));
    }

    /** Brings ConfigMaps, Secrets and tokens in volumes up to date; what cannot be refreshed stays as it is. */
    void refreshVolumes(Pod pod, PodSandbox sandbox) {
        try {
            prepare(pod, sandbox);
        } catch (ConfigException | IOException | RuntimeException e) {
            LOG.debug("volumes of {} stay as they are: {}", pod.getMetadata().getName(), e.toString());
        }
    }

    /** Starts the next run of a container; a problem is returned as what the container waits for. */
    Optional<ContainerRun.Waiting> start(Pod pod, PodSandbox sandbox, Container container, ContainerRun run) {
        try {
            var image = images.resolve(container.getImage());
            events.normal(
                    pod,
                    container,
                    "Pulled",
                    "Container image \"" + container.getImage() + "\" already present on machine");
            run.imageId = image.id();
            var id = new ContainerId(sandbox.uid, container.getName(), run.attempt + 1);
            var spec = spec(pod, sandbox, container, image, id);
            events.normal(pod, container, "Created", "Created container: " + container.getName());
            runtime.start(spec);
            run.attempt = id.attempt();
            run.reasonKilled = null;
            run.lastMessage = null;
            events.normal(pod, container, "Started", "Started container " + container.getName());
            return Optional.empty();
        } catch (Images.ImageException e) {
            events.warning(
                    pod,
                    container,
                    "Failed",
                    "Failed to pull image \"" + container.getImage() + "\": " + e.getMessage());
            return Optional.of(new ContainerRun.Waiting(e.reason(), e.getMessage()));
        } catch (ConfigException e) {
            events.warning(pod, container, "Failed", "Error: " + e.getMessage());
            return Optional.of(new ContainerRun.Waiting("CreateContainerConfigError", e.getMessage()));
        } catch (ContainerStartException e) {
            events.warning(pod, container, "Failed", "Error: " + e.getMessage());
            return Optional.of(new ContainerRun.Waiting(e.reason(), e.getMessage()));
        } catch (IOException e) {
            events.warning(pod, container, "Failed", "Error: " + e);
            return Optional.of(new ContainerRun.Waiting("CreateContainerError", e.toString()));
        }
    }

    private ContainerSpec spec(Pod pod, PodSandbox sandbox, Container container, ImageConfig image, ContainerId id)
            throws ConfigException, IOException {
        var fields = fields(pod, sandbox);
        var base = new LinkedHashMap<>(image.environment());
        base.putAll(node.environment());
        base.put("HOSTNAME", hostname(pod));
        base.put("POD_IP", sandbox.ip);
        if (!Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks())) {
            base.putAll(ServiceVariables.of(lookup.services(pod.getMetadata().getNamespace())));
        }
        var environment = new ContainerEnvironment(lookup).resolve(pod, container, base, fields);
        return new ContainerSpec(
                id,
                command(container, image, environment),
                environment,
                workingDirectory(container, image),
                image.files(),
                mounts(pod, sandbox, container, environment, fields),
                sandbox.folder.resolve("logs").resolve(container.getName()).resolve(id.attempt() + ".log"),
                Boolean.TRUE.equals(container.getStdin()),
                limits(container));
    }

    static String hostname(Pod pod) {
        return Objects.requireNonNullElse(
                pod.getSpec().getHostname(), pod.getMetadata().getName());
    }

    private static String workingDirectory(Container container, ImageConfig image) {
        var asked = container.getWorkingDir();
        if (asked != null && !asked.isEmpty()) {
            return asked;
        }
        return image.workingDirectory().isEmpty() ? "/" : image.workingDirectory();
    }

    /** Kubernetes' rule: {@code command} replaces the entrypoint and the image's arguments, {@code args} only the latter. */
    private static List<String> command(Container container, ImageConfig image, Map<String, String> environment)
            throws ConfigException {
        var line = new ArrayList<String>();
        boolean ownCommand =
                container.getCommand() != null && !container.getCommand().isEmpty();
        boolean ownArguments =
                container.getArgs() != null && !container.getArgs().isEmpty();
        line.addAll(ownCommand ? Expansion.expand(container.getCommand(), environment) : image.entrypoint());
        if (ownArguments) {
            line.addAll(Expansion.expand(container.getArgs(), environment));
        } else if (!ownCommand) {
            line.addAll(image.cmd());
        }
        if (line.isEmpty()) {
            throw new ConfigException("no command specified: image \"" + image.name()
                    + "\" has no entrypoint; set the container's command");
        }
        return line;
    }

    private List<ContainerSpec.Mount> mounts(
            Pod pod, PodSandbox sandbox, Container container, Map<String, String> environment, PodFields fields)
            throws ConfigException, IOException {
        var volumes = volumes(sandbox).prepare(pod, fields);
        var mounts = new ArrayList<ContainerSpec.Mount>();
        mounts.add(new ContainerSpec.Mount(node.hostsFile(), "/etc/hosts", false));
        mounts.add(new ContainerSpec.Mount(terminationLog(sandbox, container), terminationPath(container), false));
        for (var mount : container.getVolumeMounts()) {
            var volume = volumes.get(mount.getName());
            if (volume == null) {
                throw new ConfigException("volumeMount names volume \"" + mount.getName() + "\", which the pod lacks");
            }
            var source = subPath(volume, mount.getSubPath(), mount.getSubPathExpr(), environment);
            mounts.add(new ContainerSpec.Mount(source, mount.getMountPath(), Boolean.TRUE.equals(mount.getReadOnly())));
        }
        return mounts;
    }

    private static Path subPath(
            Path volume, @Nullable String subPath, @Nullable String expression, Map<String, String> environment)
            throws ConfigException, IOException {
        var relative =
                expression != null && !expression.isEmpty() ? Expansion.expand(expression, environment) : subPath;
        if (relative == null || relative.isEmpty()) {
            return volume;
        }
        var path = volume.resolve(relative).normalize();
        if (!path.startsWith(volume)) {
            throw new ConfigException("subPath \"" + relative + "\" leaves its volume");
        }
        if (Files.exists(path)) {
            return path.toRealPath();
        }
        return Files.createDirectories(path);
    }

    private static String terminationPath(Container container) {
        return Objects.requireNonNullElse(container.getTerminationMessagePath(), TERMINATION_LOG);
    }

    private static Path terminationLog(PodSandbox sandbox, Container container) throws IOException {
        var file = sandbox.folder.resolve("termination").resolve(container.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        return file;
    }

    /** What the container left as its last words, or the end of its log where it asked for that. */
    @Nullable
    String terminationMessage(PodSandbox sandbox, Container container, ContainerRun run) {
        try {
            var file = sandbox.folder.resolve("termination").resolve(container.getName());
            var said = Files.exists(file) ? Files.readString(file) : "";
            if (said.isEmpty()
                    && !run.succeeded()
                    && "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy())) {
                said = LogTail.read(
                        sandbox.folder
                                .resolve("logs")
                                .resolve(container.getName())
                                .resolve(run.attempt + ".log"),
                        MAX_TERMINATION_MESSAGE);
            }
            return said.isEmpty() ? null : said.substring(0, Math.min(said.length(), MAX_TERMINATION_MESSAGE));
        } catch (IOException e) {
            return null; // not text
        }
    }

    private static ContainerSpec.Limits limits(Container container) {
        var limits =
                container.getResources() == null || container.getResources().getLimits() == null
                        ? new HashMap<String, Quantity>()
                        : container.getResources().getLimits();
        var cpu = limits.get("cpu");
        var memory = limits.get("memory");
        return new ContainerSpec.Limits(
                cpu == null
                        ? 0
                        : Quantity.getAmountInBytes(cpu).movePointRight(3).longValue(),
                memory == null ? 0 : Quantity.getAmountInBytes(memory).longValue());
    }

    /** Carries out a lifecycle handler. */
    ProbeRunner.Outcome handle(
            LifecycleHandler handler, Container container, ContainerId id, String podIp, Duration limit) {
        try {
            if (handler.getExec() != null) {
                return prober.exec(handler.getExec(), id, limit);
            }
            if (handler.getHttpGet() != null) {
                return prober.http(handler.getHttpGet(), container, podIp, limit);
            }
            if (handler.getSleep() != null) {
                var asked = Duration.ofSeconds(handler.getSleep().getSeconds());
                Thread.sleep(asked.compareTo(limit) < 0 ? asked : limit);
            }
            return ProbeRunner.Outcome.OK;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ProbeRunner.Outcome(false, "the node agent is stopping");
        }
    }
}
