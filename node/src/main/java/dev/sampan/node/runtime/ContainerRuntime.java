package dev.sampan.node.runtime;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs pods. A sandbox is a pod's place (address, host name, directory); containers live in it. Every method may block;
 * any thread may call. Containers outlive the agent: after a restart {@link #sandboxes} and {@link #containers} show
 * what an earlier agent left, with the exit codes of what ended meanwhile.
 */
public interface ContainerRuntime extends AutoCloseable {

    /** The scheme of container IDs, such as {@code process}. */
    String name();

    String version();

    /** Calls the listener with a pod's UID whenever one of its containers has changed state. */
    void onChange(Consumer<String> listener);

    List<Sandbox> sandboxes();

    Optional<Sandbox> sandbox(String podUid);

    /** Makes the pod's place, or returns the one there is. */
    Sandbox createSandbox(SandboxSpec spec) throws ContainerFailure;

    /** Kills what still runs in the sandbox and forgets it with its containers and logs. Does nothing when there is none. */
    void removeSandbox(String podUid);

    /** The image if it is here already, without asking a registry. */
    Optional<ImageInfo> image(String name);

    /** Makes the image present. */
    ImageInfo pull(String name) throws ImageFailure;

    /** Every image that is present, for the node's status. */
    List<ImageInfo> images();

    /** All containers of a pod, running or not, until they are removed. */
    List<Container> containers(String podUid);

    /** Prepares a container without starting it; returns its ID. */
    String create(ContainerSpec spec) throws ContainerFailure;

    void start(String id) throws ContainerFailure;

    /** Asks the container to end, kills what is left of it when the grace is over, and returns when it has ended. */
    void stop(String id, Grace grace) throws InterruptedException;

    /** Forgets a container that is not running, and deletes its files but not its log. */
    void remove(String id);

    /** Runs a command in a running container. */
    ExecSession exec(String id, ExecSpec spec) throws ContainerFailure;

    /** Connects to the standard streams of a running container's main process. */
    ExecSession attach(String id, ExecSpec spec) throws ContainerFailure;

    /** Opens a connection to a port of the pod. */
    java.net.Socket dial(String podUid, int port) throws IOException;

    /** What a running container uses now; empty when it cannot be measured. */
    Optional<Usage> usage(String id);

    /** Which promises of the pod specification this runtime cannot keep here, one sentence each. */
    List<String> limitations();

    /** Lets go of the containers; they run on. */
    @Override
    void close();
}
