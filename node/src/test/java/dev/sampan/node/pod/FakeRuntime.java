package dev.sampan.node.pod;

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
import java.net.Socket;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Containers that run until a test ends them. Images whose name begins with "absent" are missing until they are added, "broken" cannot start. */
final class FakeRuntime implements ContainerRuntime {

    private static final int TERMINATED = 143;

    private final InstantSource clock;
    private final Map<String, Container> containers = new LinkedHashMap<>();
    private final Set<String> added = new HashSet<>();

    FakeRuntime(InstantSource clock) {
        this.clock = clock;
    }

    void addImage(String name) {
        added.add(name);
    }

    /** Ends the running container of this name. */
    void end(String name, int exitCode) {
        var running = containers.values().stream()
                .filter(c -> c.name().equals(name) && c.running())
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " does not run"));
        exit(running, exitCode);
    }

    private void exit(Container container, int exitCode) {
        var started = ((Container.Running) container.state()).started();
        var reason = exitCode == 0 ? "Completed" : "Error";
        become(container, new Container.Exited(started, clock.instant(), exitCode, reason, ""));
    }

    private Container find(String id) {
        return Objects.requireNonNull(containers.get(id), id);
    }

    private void become(Container c, Container.State state) {
        containers.put(
                c.id(),
                new Container(c.id(), c.podUid(), c.name(), c.attempt(), c.image(), c.imageId(), c.created(), state));
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void onChange(Consumer<String> listener) {}

    @Override
    public List<Sandbox> sandboxes() {
        return List.of();
    }

    @Override
    public Optional<Sandbox> sandbox(String podUid) {
        return Optional.empty();
    }

    @Override
    public Sandbox createSandbox(SandboxSpec spec) {
        return new Sandbox(spec.podUid(), spec.namespace(), spec.podName(), List.of("127.10.0.1"), clock.instant());
    }

    @Override
    public void removeSandbox(String podUid) {
        containers.clear();
    }

    @Override
    public Optional<ImageInfo> image(String name) {
        return name.startsWith("absent") && !added.contains(name)
                ? Optional.empty()
                : Optional.of(new ImageInfo("sha256:1", List.of(name), 1000, ""));
    }

    @Override
    public ImageInfo pull(String name) throws ImageFailure {
        return image(name).orElseThrow(() -> new ImageFailure("ErrImagePull", "no such image"));
    }

    @Override
    public List<ImageInfo> images() {
        return List.of();
    }

    @Override
    public List<Container> containers(String podUid) {
        return List.copyOf(containers.values());
    }

    @Override
    public String create(ContainerSpec spec) {
        var id = spec.name() + "-" + spec.attempt();
        containers.put(
                id,
                new Container(
                        id,
                        spec.podUid(),
                        spec.name(),
                        spec.attempt(),
                        spec.image(),
                        "sha256:1",
                        clock.instant(),
                        new Container.Created()));
        return id;
    }

    @Override
    public void start(String id) throws ContainerFailure {
        if (find(id).image().equals("broken")) {
            become(
                    find(id),
                    new Container.Exited(Instant.EPOCH, clock.instant(), 128, "StartError", "no such program"));
            throw new ContainerFailure("RunContainerError", "no such program");
        }
        become(find(id), new Container.Running(clock.instant()));
    }

    @Override
    public void stop(String id, Grace grace) {
        exit(find(id), TERMINATED);
    }

    @Override
    public void remove(String id) {
        containers.remove(id);
    }

    @Override
    public ExecSession exec(String id, ExecSpec spec) throws ContainerFailure {
        throw new ContainerFailure("ExecError", "this runtime runs no commands");
    }

    @Override
    public ExecSession attach(String id, ExecSpec spec) throws ContainerFailure {
        throw new ContainerFailure("AttachError", "this runtime has no streams");
    }

    @Override
    public Socket dial(String podUid, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Usage> usage(String id) {
        return Optional.empty();
    }

    @Override
    public List<String> limitations() {
        return List.of();
    }

    @Override
    public void close() {}
}
