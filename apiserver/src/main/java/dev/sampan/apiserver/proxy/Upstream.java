package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A server that the API server calls for its own sake: a webhook or an aggregated API. Immutable. */
public final class Upstream {

    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");
    private static final int MAX_ANSWER_BYTES = 8 * 1024 * 1024;

    private final Target target;

    private Upstream(Target target) {
        this.target = target;
    }

    /** A complete answer. */
    public record Answer(int status, byte[] body) {}

    /** The server of an {@code https} address. */
    public static Upstream of(URI uri, SSLSocketFactory tls) {
        int port = uri.getPort() < 0 ? 443 : uri.getPort();
        return new Upstream(new Target(uri.getHost(), port, uri.getHost(), tls, true));
    }

    /**
     * One of the ready endpoints of a Service port; its certificate has to be for {@code NAME.NAMESPACE.svc}.
     *
     * @param verified whether the certificate is looked at
     * @throws ApiException when there is no such Service, port or endpoint
     */
    public static Upstream ofService(
            Objects objects, String namespace, String name, int port, SSLSocketFactory tls, boolean verified) {
        var service = objects.get(SERVICES, namespace, name);
        if (service == null) {
            throw ApiException.notFound(SERVICES, name);
        }
        var serverName = name + "." + namespace + ".svc";
        if (Meta.text(service, "spec", "type").equals("ExternalName")) {
            return new Upstream(
                    new Target(Meta.text(service, "spec", "externalName"), port, serverName, tls, verified));
        }
        var portName = portName(service, port);
        var ready = portName == null
                ? List.<Endpoints.Endpoint>of()
                : objects.list(SLICES, namespace).stream()
                        .filter(s -> name.equals(Meta.labels(s).get("kubernetes.io/service-name")))
                        .flatMap(s -> Endpoints.ready(s, portName).stream())
                        .toList();
        if (portName == null) {
            throw ApiException.unavailable("no service port %d found for service \"%s\"".formatted(port, name));
        }
        if (ready.isEmpty()) {
            throw ApiException.unavailable("no endpoints available for service \"%s\"".formatted(name));
        }
        var chosen = ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
        return new Upstream(new Target(chosen.address(), chosen.port(), serverName, tls, verified));
    }

    private static @Nullable String portName(tools.jackson.databind.JsonNode service, int number) {
        for (var port : service.path("spec").path("ports")) {
            if (port.path("port").intValue(0) == number) {
                return Meta.text(port, "name");
            }
        }
        return null;
    }

    /** Sends a request and passes its answer on as it comes, upgrades included. @throws ApiException 503 when unreachable */
    public ApiResponse forward(String method, String pathAndQuery, Map<String, List<String>> headers, byte[] body) {
        return new Exchange(target, method, pathAndQuery, headers, body).run();
    }

    /** Sends a request and waits for all of its answer. @throws IOException when there is none within {@code timeout} */
    public Answer call(
            String method, String pathAndQuery, Map<String, List<String>> headers, byte[] body, Duration timeout)
            throws IOException {
        var task = new FutureTask<>(() -> whole(forward(method, pathAndQuery, headers, body)));
        var thread = Thread.ofVirtual().name("upstream").start(task);
        try {
            return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new IOException("context deadline exceeded", e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(reason(cause), cause);
        }
    }

    /** What went wrong, without the address that callers name themselves. */
    private static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage()).replaceFirst("^.*?: \\w+ https?://\\S+: ", "");
    }

    private static Answer whole(ApiResponse response) throws IOException {
        var bytes = new ByteArrayOutputStream();
        if (response instanceof ApiResponse.Stream stream) {
            stream.body().writeTo(new ApiResponse.StreamSink() {
                @Override
                public void write(byte[] part) throws IOException {
                    if (bytes.size() + part.length > MAX_ANSWER_BYTES) {
                        throw new IOException("the answer is larger than " + MAX_ANSWER_BYTES + " bytes");
                    }
                    bytes.writeBytes(part);
                }

                @Override
                public void flush() {
                    // kept in memory
                }
            });
        }
        return new Answer(response.status(), bytes.toByteArray());
    }
}
