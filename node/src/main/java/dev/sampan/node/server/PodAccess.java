package dev.sampan.node.server;

import dev.sampan.node.logs.LogOptions;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** What the node's API needs of the pods on the node. */
public interface PodAccess {

    /**
     * Copies a container's log, going on while it runs when the options say follow.
     *
     * @throws NotHere when the node has no such pod
     * @throws NoLog when the container has not run, or not run before; the message is for the user
     */
    void log(Place place, boolean previous, LogOptions options, OutputStream out)
            throws IOException, InterruptedException, NotHere, NoLog;

    /** Runs a command in a running container, or attaches to its process when the command is empty. */
    ExecSession exec(Place place, ExecSpec spec) throws ContainerFailure, NotHere;

    /** @throws NotHere when the pod is not on this node */
    void requirePod(String namespace, String pod) throws NotHere;

    /** @throws NotHere when there is no such container, or it does not run */
    void requireRunning(Place place) throws NotHere;

    /**
     * Connects to a port of a pod.
     *
     * @throws IOException when nobody listens there, with the message for the user
     */
    Socket dial(String namespace, String pod, int port) throws IOException;

    /** What the node and its containers use now: the kubelet's Summary, as JSON. */
    String statsSummary();

    /** A container by its names. */
    record Place(String namespace, String pod, String container) {}

    /** There is no such pod, container or run on this node. */
    final class NotHere extends Exception {
        private static final long serialVersionUID = 1L;

        public NotHere(String message) {
            super(message);
        }
    }

    /** The container has not written anything, and why. */
    final class NoLog extends Exception {
        private static final long serialVersionUID = 1L;

        public NoLog(String message) {
            super(message);
        }
    }
}
