package dev.sampan.node.process;

import dev.sampan.node.files.Trees;
import dev.sampan.node.image.Image;
import dev.sampan.node.image.ImageStore;
import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ContainerSpec;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import dev.sampan.node.runtime.Grace;
import dev.sampan.node.runtime.ImageFailure;
import dev.sampan.node.runtime.ImageInfo;
import dev.sampan.node.runtime.Sandbox;
import dev.sampan.node.runtime.SandboxSpec;
import dev.sampan.node.runtime.Usage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs containers as processes of the host; see the package's comment. */
public final class ProcessRuntime implements ContainerRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessRuntime.class);
    private static final int DIAL_MILLIS = 5000;
    private static final java.security.SecureRandom IDS = new java.security.SecureRandom();

    private final ProcessRuntimeConfig config;
    private final ImageStore images;
    private final ProcessHost host;
    private final ContainerPlanner planner;
    private final PodAddresses addresses;
    private final ExecutorService executor;
    private final Map<String, ProcessSandbox> sandboxes = new ConcurrentHashMap<>();
    private final Map<String, ProcessContainer> containers = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    /** Finds out what the host permits and takes up what an earlier runtime left. */
    public ProcessRuntime(ProcessRuntimeConfig config, ImageStore images, InstantSource clock) throws IOException {
        this.config = config;
        this.images = images;
        this.addresses = new PodAddresses(config.podNetwork());
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("process-runtime-", 0).factory());
        Files.createDirectories(config.pods());
        var tools = Tools.ofHost();
        var scratch = config.pods().resolve(".probe");
        var layout = config.ownRoot() ? HostLayout.probe(tools, scratch) : HostLayout.none("switched off");
        Trees.delete(scratch);
        var processes = new ProcTable(Path.of("/proc"));
        this.host = new ProcessHost(
                tools,
                layout,
                Cgroups.detect(Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup")),
                processes,
                new ProcessTree(processes),
                config.logRotation(),
                clock,
                executor,
                bootId(),
                uid -> listeners.forEach(l -> l.accept(uid)));
        this.planner = new ContainerPlanner(host);
        limitations().forEach(LOG::info);
        recover();
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private void recover() throws IOException {
        try (var pods = Files.list(config.pods())) {
            for (var pod : pods.toList()) {
                var file = pod.resolve("sandbox.json");
                if (Files.exists(file)) {
                    recoverPod(pod, ContainerFiles.readJson(file, ProcessSandbox.class));
                }
            }
        }
    }

    private void recoverPod(Path pod, ProcessSandbox sandbox) throws IOException {
        sandboxes.put(sandbox.sandbox().podUid(), sandbox);
        if (!sandbox.hostNetwork()) {
            addresses.take(sandbox.sandbox().ips().getFirst());
        }
        var directory = pod.resolve("containers");
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var tree = Files.walk(directory, 2)) {
            for (var attempt :
                    tree.filter(p -> Files.exists(p.resolve("record.json"))).toList()) {
                var files = new ContainerFiles(attempt);
                var found = files.record();
                if (found.isPresent()) {
                    var container = new ProcessContainer(host, found.get(), files);
                    containers.put(found.get().id(), container);
                    container.adopt();
                }
            }
        }
    }

    @Override
    public String name() {
        return "process";
    }

    @Override
    public String version() {
        return "0.1.0";
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    @Override
    public List<Sandbox> sandboxes() {
        return sandboxes.values().stream().map(ProcessSandbox::sandbox).toList();
    }

    @Override
    public Optional<Sandbox> sandbox(String podUid) {
        return Optional.ofNullable(sandboxes.get(podUid)).map(ProcessSandbox::sandbox);
    }

    @Override
    public Sandbox createSandbox(SandboxSpec spec) throws ContainerFailure {
        var existing = sandboxes.get(spec.podUid());
        if (existing != null) {
            return existing.sandbox();
        }
        var address = spec.hostNetwork() ? config.hostIp() : addresses.allot();
        var sandbox = new Sandbox(
                spec.podUid(),
                spec.namespace(),
                spec.podName(),
                List.of(address),
                host.clock().instant());
        var kept = new ProcessSandbox(
                sandbox, spec.hostname(), spec.hostNetwork(), spec.hosts().toString());
        try {
            Files.createDirectories(podDirectory(spec.podUid()));
            ContainerFiles.writeJson(podDirectory(spec.podUid()).resolve("sandbox.json"), kept);
        } catch (IOException e) {
            addresses.release(address);
            throw new ContainerFailure("CreatePodSandboxError", "cannot write the sandbox: " + e.getMessage(), e);
        }
        sandboxes.put(spec.podUid(), kept);
        return sandbox;
    }

    private Path podDirectory(String uid) {
        return config.pods().resolve(uid);
    }

    @Override
    public void removeSandbox(String podUid) {
        var sandbox = sandboxes.remove(podUid);
        try {
            for (var container : of(podUid)) {
                container.stop(() -> java.time.Instant.MIN);
                containers.remove(container.record().id());
            }
            Trees.delete(podDirectory(podUid).resolve("containers"));
            Files.deleteIfExists(podDirectory(podUid).resolve("sandbox.json"));
        } catch (IOException e) {
            LOG.warn("files of pod {} cannot be deleted: {}", podUid, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (sandbox != null && !sandbox.hostNetwork()) {
            addresses.release(sandbox.sandbox().ips().getFirst());
        }
    }

    private List<ProcessContainer> of(String podUid) {
        return containers.values().stream()
                .filter(c -> c.record().podUid().equals(podUid))
                .sorted(Comparator.comparing((ProcessContainer c) -> c.record().name())
                        .thenComparing(c -> c.record().attempt()))
                .toList();
    }

    @Override
    public Optional<ImageInfo> image(String name) {
        return images.find(name).map(ProcessRuntime::info);
    }

    @Override
    public ImageInfo pull(String name) throws ImageFailure {
        return info(images.resolve(name));
    }

    @Override
    public List<ImageInfo> images() {
        return images.all().stream().map(ProcessRuntime::info).toList();
    }

    private static ImageInfo info(Image image) {
        return new ImageInfo(image.id(), image.names(), image.sizeBytes(), image.user());
    }

    @Override
    public List<Container> containers(String podUid) {
        return of(podUid).stream().map(ProcessContainer::view).toList();
    }

    @Override
    public String create(ContainerSpec spec) throws ContainerFailure {
        var sandbox = sandboxes.get(spec.podUid());
        if (sandbox == null) {
            throw new ContainerFailure("CreateContainerError", "the pod has no sandbox");
        }
        var id = newId();
        var directory = podDirectory(spec.podUid())
                .resolve("containers")
                .resolve(spec.name())
                .resolve(Integer.toString(spec.attempt()));
        try {
            var image = images.resolve(spec.image());
            Trees.delete(directory);
            Files.createDirectories(directory);
            var container = planner.plan(id, spec, image, sandbox, new ContainerFiles(directory));
            containers.put(id, container);
            return id;
        } catch (ImageFailure e) {
            throw new ContainerFailure("CreateContainerError", String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ContainerFailure("CreateContainerError", "cannot prepare the container: " + e.getMessage(), e);
        }
    }

    private static String newId() {
        var bytes = new byte[32];
        IDS.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void start(String id) throws ContainerFailure {
        planner.start(container(id));
    }

    private ProcessContainer container(String id) throws ContainerFailure {
        var container = containers.get(id);
        if (container == null) {
            throw new ContainerFailure("ContainerNotFound", "container " + id + " is not known");
        }
        return container;
    }

    @Override
    public void stop(String id, Grace grace) throws InterruptedException {
        var container = containers.get(id);
        if (container != null) {
            container.stop(grace);
        }
    }

    @Override
    public void remove(String id) {
        var container = containers.get(id);
        if (container == null || container.view().running()) {
            return;
        }
        containers.remove(id);
        planner.forget(id);
        try {
            Trees.delete(container.files().directory());
        } catch (IOException e) {
            LOG.warn("files of container {} cannot be deleted: {}", id, e.toString());
        }
    }

    @Override
    public ExecSession exec(String id, ExecSpec spec) throws ContainerFailure {
        return new ProcessExec(host).start(container(id), spec);
    }

    @Override
    public ExecSession attach(String id, ExecSpec spec) throws ContainerFailure {
        var container = container(id);
        if (!container.view().running()) {
            throw new ContainerFailure(
                    "ContainerNotRunning", "container " + container.record().name() + " is not running");
        }
        try {
            return new Attachment(container, spec);
        } catch (IOException e) {
            throw new ContainerFailure("AttachError", e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    @Override
    public Socket dial(String podUid, int port) throws IOException {
        var sandbox = sandboxes.get(podUid);
        if (sandbox == null) {
            throw new IOException("the pod is not running");
        }
        var socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(sandbox.sandbox().ips().getFirst(), port), DIAL_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public Optional<Usage> usage(String id) {
        var container = containers.get(id);
        return container == null || !container.view().running()
                ? Optional.empty()
                : container.started().map(run -> measure(container, run));
    }

    private Usage measure(ProcessContainer container, ContainerRecord.Started run) {
        long cpu = 0;
        long memory = 0;
        int count = 0;
        for (var process : host.processes().all()) {
            if (process.session() == run.supervisor() && process.pid() != run.supervisor()) {
                cpu += process.cpuNanos();
                memory += process.residentBytes();
                count++;
            }
        }
        var group = container.group();
        return new Usage(
                host.clock().instant(),
                group.cpuNanos().orElse(cpu),
                group.workingSetBytes().orElse(memory),
                count);
    }

    @Override
    public List<String> limitations() {
        var list = new ArrayList<String>();
        if (!host.layout().rooted()) {
            list.add("containers share the host's file system, and mount paths are rewritten: "
                    + host.layout().reason());
        }
        if (!host.layout().privileged()) {
            list.add(
                    "containers run as the agent's user: runAsUser and runAsGroup are not applied, since the agent is not root");
        }
        if (!host.cgroups().enforcesMemory()) {
            list.add("memory limits are not enforced: no control group can be made here");
        }
        if (!host.cgroups().enforcesCpu()) {
            list.add("CPU limits are not enforced: no control group can be made here");
        }
        return list;
    }

    @Override
    public void close() {
        containers.values().forEach(ProcessContainer::abandon);
        executor.shutdown();
    }
}
