package dev.sampan.node.pod;

import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The runtime's containers by pod, name and attempt. Keeps each container's latest two runs and removes older ones. */
final class Runs {

    private final ContainerRuntime runtime;
    private final InstantSource clock;

    Runs(ContainerRuntime runtime, InstantSource clock) {
        this.runtime = runtime;
        this.clock = clock;
    }

    Optional<Container> find(RunId id) {
        return runtime.containers(id.podUid()).stream()
                .filter(c -> c.name().equals(id.container()) && c.attempt() == id.attempt())
                .findFirst();
    }

    /** A container's ID as statuses show it: with the runtime's name. */
    String shownId(String id) {
        return runtime.name() + "://" + id;
    }

    /** A container that was prepared and not started counts as absent: the next attempt takes its place. */
    RunState state(RunId id) {
        return find(id).<RunState>map(container -> switch (container.state()) {
                    case Container.Created created -> new RunState.Absent();
                    case Container.Running(var started) -> new RunState.Running(started);
                    case Container.Exited(var started, var finished, var code, var reason, var message) ->
                        new RunState.Exited(code, reason, message, started, finished, shownId(container.id()));
                })
                .orElseGet(RunState.Absent::new);
    }

    void stop(RunId id, Duration grace) throws InterruptedException {
        var container = find(id);
        if (container.isPresent() && container.get().running()) {
            var deadline = clock.instant().plus(grace);
            runtime.stop(container.get().id(), () -> deadline);
        }
    }

    ExecSession exec(RunId id, List<String> command) throws ContainerFailure {
        var container =
                find(id).orElseThrow(() -> new ContainerFailure("ContainerNotFound", "the container does not run"));
        return runtime.exec(container.id(), new ExecSpec(command, false, false));
    }

    /** Forgets runs of this container before {@code attempt}; their files go, {@code attempt} and later ones stay. */
    void forgetBefore(RunId first) {
        runtime.containers(first.podUid()).stream()
                .filter(c -> c.name().equals(first.container()) && c.attempt() < first.attempt() && !c.running())
                .forEach(c -> runtime.remove(c.id()));
    }
}
