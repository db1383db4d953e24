package dev.sampan.node.pod;

import dev.sampan.node.runtime.ContainerFailure;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ExecAction;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Carries out single probes and lifecycle handlers. Blocks its (virtual) thread. */
final class ProbeRunner {

    private static final int MAX_OUTPUT = 10 * 1024;

    private final Runs runs;

    ProbeRunner(Runs runs) {
        this.runs = runs;
    }

    /** @param output what a failing probe said, shown in its event */
    record Outcome(boolean success, String output) {
        static final Outcome OK = new Outcome(true, "");
    }

    Outcome http(HTTPGetAction action, Container container, String podIp, Duration timeout) {
        var host = action.getHost() == null || action.getHost().isEmpty() ? podIp : action.getHost();
        var path = action.getPath() == null ? "/" : action.getPath();
        var port = port(action.getPort(), container);
        if (port == null) {
            return new Outcome(false, "couldn't find port: " + action.getPort());
        }
        return HttpProbe.get(
                "HTTPS".equals(action.getScheme()),
                host,
                port,
                path.startsWith("/") ? path : "/" + path,
                Objects.requireNonNullElse(action.getHttpHeaders(), List.of()),
                timeout);
    }

    Outcome grpc(GRPCAction action, String podIp, Duration timeout) {
        return GrpcProbe.check(podIp, action.getPort(), Objects.requireNonNullElse(action.getService(), ""), timeout);
    }

    Outcome tcp(TCPSocketAction action, Container container, String podIp, Duration timeout) {
        var host = action.getHost() == null || action.getHost().isEmpty() ? podIp : action.getHost();
        var port = port(action.getPort(), container);
        if (port == null) {
            return new Outcome(false, "couldn't find port: " + action.getPort());
        }
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
            return Outcome.OK;
        } catch (IOException e) {
            return new Outcome(false, dial(host, port, e));
        }
    }

    /** A connection's failure in Go's words, which people search for. */
    static String dial(String host, int port, IOException failure) {
        var what = failure instanceof SocketTimeoutException
                ? "i/o timeout"
                : "connect: " + String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return "dial tcp " + host + ":" + port + ": " + what;
    }

    Outcome exec(ExecAction action, RunId id, Duration timeout) throws InterruptedException {
        try (var session = runs.exec(id, action.getCommand())) {
            session.stdin().close();
            var output = CompletableFuture.supplyAsync(
                    () -> read(session), task -> Thread.ofVirtual().start(task));
            var exit = new CompletableFuture<Integer>();
            Thread.ofVirtual().start(() -> {
                try {
                    exit.complete(session.waitFor());
                } catch (InterruptedException e) {
                    exit.completeExceptionally(e);
                }
            });
            int code = exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return code == 0 ? Outcome.OK : new Outcome(false, output.get(1, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return new Outcome(
                    false,
                    "command timed out: " + action.getCommand() + " timed out after " + timeout.toSeconds() + "s");
        } catch (ExecutionException | IOException | ContainerFailure e) {
            return new Outcome(false, String.valueOf(e.getMessage()));
        }
    }

    private static String read(dev.sampan.node.runtime.ExecSession session) {
        try {
            var out = session.stdout().readNBytes(MAX_OUTPUT);
            var err = session.stderr().readNBytes(MAX_OUTPUT);
            return new String(out, StandardCharsets.UTF_8) + new String(err, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static @Nullable Integer port(IntOrString port, Container container) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        var name = Objects.requireNonNullElse(port.getStrVal(), "");
        return Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of()).stream()
                .filter(p -> name.equals(p.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElse(null);
    }
}
