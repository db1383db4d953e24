package dev.sampan.node.pod;

import dev.sampan.node.logs.LogReader;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ContainerSpec;
import dev.sampan.node.runtime.ImageFailure;
import dev.sampan.node.runtime.ImageInfo;
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
    private static final int LOG_LINES = 80;
    private static final String NEVER_PULL = "ErrImageNeverPull";

    private final ContainerRuntime runtime;
    private final ObjectLookup lookup;
    private final ProbeRunner prober;
    private final PodEvents events;
    private final NodeFacts node;

    /**
     * What containers learn of their node.
     *
     * @param environment variables that every container gets, such as where the API server is
     */
    record NodeFacts(String hostIp, Map<String, Quantity> allocatable, Map<String, String> environment) {}

    ContainerStarter(
            ContainerRuntime runtime, ObjectLookup lookup, ProbeRunner prober, PodEvents events, NodeFacts node) {
        this.runtime = runtime;
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
            var image = image(pod, container);
            var id = new RunId(sandbox.uid, container.getName(), run.attempt + 1);
            var spec = spec(pod, sandbox, container, id);
            var created = runtime.create(spec);
            events.normal(pod, container, "Created", "Created container: " + container.getName());
            run.imageId = image.id();
            run.containerId = runtime.name() + "://" + created;
            run.attempt = id.attempt();
            run.lastMessage = null;
            runtime.start(created);
            events.normal(pod, container, "Started", "Started container " + container.getName());
            return Optional.empty();
        } catch (ImageFailure e) {
            if (e.reason().equals(NEVER_PULL)) {
                events.warning(pod, container, NEVER_PULL, String.valueOf(e.getMessage()));
            } else {
                events.warning(
                        pod,
                        container,
                        "Failed",
                        "Failed to pull image \"" + container.getImage() + "\": " + e.getMessage());
            }
            events.warning(pod, container, "Failed", "Error: " + e.reason());
            return Optional.of(new ContainerRun.Waiting(e.reason(), e.getMessage()));
        } catch (ConfigException e) {
            return failed(pod, container, "CreateContainerConfigError", String.valueOf(e.getMessage()));
        } catch (ContainerFailure e) {
            return failed(pod, container, e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return failed(pod, container, "CreateContainerError", e.toString());
        }
    }

    private Optional<ContainerRun.Waiting> failed(Pod pod, Container container, String reason, String message) {
        events.warning(pod, container, "Failed", "Error: " + message);
        return Optional.of(new ContainerRun.Waiting(reason, message));
    }

    /** The image, by the container's pull policy. */
    private ImageInfo image(Pod pod, Container container) throws ImageFailure {
        var name = container.getImage();
        var policy = container.getImagePullPolicy();
        var present = runtime.image(name);
        if (present.isPresent() && !"Always".equals(policy)) {
            events.normal(pod, container, "Pulled", "Container image \"" + name + "\" already present on machine");
            return present.get();
        }
        if ("Never".equals(policy)) {
            throw new ImageFailure(
                    NEVER_PULL, "Container image \"" + name + "\" is not present with pull policy of Never");
        }
        events.normal(pod, container, "Pulling", "Pulling image \"" + name + "\"");
        var pulled = runtime.pull(name);
        events.normal(
                pod,
                container,
                "Pulled",
                "Successfully pulled image \"" + name + "\""
                        + (pulled.sizeBytes() == 0 ? "" : ". Image size: " + pulled.sizeBytes() + " bytes."));
        return pulled;
    }

    private ContainerSpec spec(Pod pod, PodSandbox sandbox, Container container, RunId id)
            throws ConfigException, IOException {
        var fields = fields(pod, sandbox);
        var base = new LinkedHashMap<>(node.environment());
        base.put("HOSTNAME", PodHostname.shortName(pod));
        base.put("POD_IP", sandbox.ip);
        if (!Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks())) {
            base.putAll(ServiceVariables.of(lookup.services(pod.getMetadata().getNamespace())));
        }
        var environment = new ContainerEnvironment(lookup).resolve(pod, container, base, fields);
        return new ContainerSpec(
                sandbox.uid,
                container.getName(),
                id.attempt(),
                container.getImage(),
                Expansion.expand(orEmpty(container.getCommand()), environment),
                Expansion.expand(orEmpty(container.getArgs()), environment),
                Objects.requireNonNullElse(container.getWorkingDir(), ""),
                environment,
                mounts(pod, sandbox, container, environment, fields),
                limits(container),
                sandbox.log(container.getName(), id.attempt()),
                Boolean.TRUE.equals(container.getStdin()),
                Boolean.TRUE.equals(container.getStdinOnce()),
                Boolean.TRUE.equals(container.getTty()),
                user(pod, container),
                container.getSecurityContext() != null
                        && Boolean.TRUE.equals(container.getSecurityContext().getReadOnlyRootFilesystem()));
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    /** Numeric user and group from the container's, else the pod's security context. */
    private static @Nullable String user(Pod pod, Container container) {
        var own = container.getSecurityContext();
        var shared = pod.getSpec().getSecurityContext();
        var user = own != null && own.getRunAsUser() != null
                ? own.getRunAsUser()
                : shared == null ? null : shared.getRunAsUser();
        var group = own != null && own.getRunAsGroup() != null
                ? own.getRunAsGroup()
                : shared == null ? null : shared.getRunAsGroup();
        if (user == null) {
            return null;
        }
        return group == null ? user.toString() : user + ":" + group;
    }

    private List<ContainerSpec.Mount> mounts(
            Pod pod, PodSandbox sandbox, Container container, Map<String, String> environment, PodFields fields)
            throws ConfigException, IOException {
        var volumes = volumes(sandbox).prepare(pod, fields);
        var mounts = new ArrayList<ContainerSpec.Mount>();
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
                said = LogReader.tail(
                        sandbox.log(container.getName(), run.attempt), LOG_LINES, MAX_TERMINATION_MESSAGE);
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
        var requests =
                container.getResources() == null || container.getResources().getRequests() == null
                        ? new HashMap<String, Quantity>()
                        : container.getResources().getRequests();
        var cpu = limits.get("cpu");
        var memory = limits.get("memory");
        return new ContainerSpec.Limits(
                millis(requests.get("cpu")),
                cpu == null
                        ? 0
                        : Quantity.getAmountInBytes(cpu).movePointRight(3).longValue(),
                memory == null ? 0 : Quantity.getAmountInBytes(memory).longValue());
    }

    private static long millis(@Nullable Quantity cpu) {
        return cpu == null
                ? 0
                : Quantity.getAmountInBytes(cpu).movePointRight(3).longValue();
    }

    /** Carries out a lifecycle handler. */
    ProbeRunner.Outcome handle(LifecycleHandler handler, Container container, RunId id, String podIp, Duration limit) {
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
