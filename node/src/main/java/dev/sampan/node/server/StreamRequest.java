package dev.sampan.node.server;

import dev.sampan.node.runtime.ExecSpec;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;

/** What a request for a stream asks for, read off its path and query. */
sealed interface StreamRequest {

    /** A request that cannot be served as it is; answered with the status and message before any upgrade. */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** {@code /exec/NAMESPACE/POD/CONTAINER} and {@code /attach/…}. */
    record Command(PodAccess.Place place, ExecSpec spec, boolean attach, boolean stdout, boolean stderr)
            implements StreamRequest {

        /** Streams that a SPDY client opens for it, the error stream and that for the terminal's size included. */
        int streams() {
            return 1 + (spec.stdin() ? 1 : 0) + (stdout ? 1 : 0) + (stderr ? 1 : 0) + (spec.tty() ? 1 : 0);
        }
    }

    /** {@code /portForward/NAMESPACE/POD}; SPDY clients name the ports with their streams. */
    record PortForward(String namespace, String pod, List<Integer> ports) implements StreamRequest {}

    int BAD_REQUEST = 400;
    int NOT_FOUND = 404;
    int FAILED = 500;
    int LARGEST_PORT = 65535;

    /** Whether the path is one of a stream. */
    static boolean is(String path) {
        return path.startsWith("/exec/") || path.startsWith("/attach/") || path.startsWith("/portForward/");
    }

    /** @throws Refused when it is malformed, or there is no such pod or running container here */
    static StreamRequest of(Request request, PodAccess pods) throws Refused {
        var names = Request.getPathInContext(request).split("/", -1);
        var query = Request.extractQueryParameters(request);
        return names[1].equals("portForward") ? portForward(names, query, pods) : command(names, query, pods);
    }

    private static Command command(String[] names, Fields query, PodAccess pods) throws Refused {
        if (names.length != 5) {
            throw new Refused(BAD_REQUEST, "expected /" + names[1] + "/NAMESPACE/POD/CONTAINER");
        }
        boolean attach = names[1].equals("attach");
        var place = new PodAccess.Place(names[2], names[3], names[4]);
        boolean tty = NodeServer.flag(query, "tty");
        var spec = new ExecSpec(
                attach ? List.of() : query.getValuesOrEmpty("command"), NodeServer.flag(query, "input", "stdin"), tty);
        boolean stdout = NodeServer.flag(query, "output", "stdout");
        boolean stderr = NodeServer.flag(query, "error", "stderr") && !tty; // a terminal has one output
        if (!spec.stdin() && !stdout && !stderr) {
            throw new Refused(BAD_REQUEST, "you must specify at least 1 of stdin, stdout, stderr");
        }
        if (!attach && spec.command().isEmpty()) {
            throw new Refused(BAD_REQUEST, "you must specify a command");
        }
        try {
            pods.requireRunning(place);
        } catch (PodAccess.NotHere e) {
            throw new Refused(FAILED, String.valueOf(e.getMessage()));
        }
        return new Command(place, spec, attach, stdout, stderr);
    }

    private static PortForward portForward(String[] names, Fields query, PodAccess pods) throws Refused {
        if (names.length != 4) {
            throw new Refused(BAD_REQUEST, "expected /portForward/NAMESPACE/POD");
        }
        var ports = new ArrayList<Integer>();
        for (var name : List.of("port", "ports")) {
            for (var list : query.getValuesOrEmpty(name)) {
                for (var port : list.split(",")) {
                    ports.add(port(port));
                }
            }
        }
        try {
            pods.requirePod(names[2], names[3]);
        } catch (PodAccess.NotHere e) {
            throw new Refused(NOT_FOUND, String.valueOf(e.getMessage()));
        }
        return new PortForward(names[2], names[3], List.copyOf(ports));
    }

    /** @throws Refused when it is no port's number */
    static int port(String text) throws Refused {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > LARGEST_PORT) {
            throw new Refused(BAD_REQUEST, "\"" + text + "\" is not a port");
        }
        return port;
    }
}
