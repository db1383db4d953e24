package dev.sampan.client.testing;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.client.Clients;
import dev.sampan.client.InProcessApi;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.Store;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A real API server over a store in memory, reached without a socket, and a fabric8 client for each identity. What a test
 * starts with it is gone when it is closed.
 */
public final class TestApi implements AutoCloseable {

    private static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", "system:masters");

    private final Path pki;
    private final Store store = new MemoryStore();
    private final ApiServer server;
    private final List<KubernetesClient> clients = new ArrayList<>();

    private TestApi(InstantSource clock) {
        try {
            pki = Files.createTempDirectory("test-api");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = new ApiServer(ApiServerConfig.defaults(pki).withPort(0).withClock(clock), store);
    }

    /** A server on the system's clock. */
    public static TestApi start() {
        return new TestApi(InstantSource.system());
    }

    /** A server that takes its timestamps from a test's clock. */
    public static TestApi start(InstantSource clock) {
        return new TestApi(clock);
    }

    public ApiServer server() {
        return server;
    }

    public Store store() {
        return store;
    }

    /** A client of an administrator, who may do everything. */
    public KubernetesClient admin() {
        return client(ADMIN, UnaryOperator.identity());
    }

    /** A client of an administrator whose calls go through a wrapper that may delay, refuse or record them. */
    public KubernetesClient admin(UnaryOperator<InProcessApi> wrapper) {
        return client(ADMIN, wrapper);
    }

    /** A client of a user with the given groups; what it may do is up to RBAC. */
    public KubernetesClient client(String user, String... groups) {
        return client(UserInfo.of(user, groups), UnaryOperator.identity());
    }

    private synchronized KubernetesClient client(UserInfo user, UnaryOperator<InProcessApi> wrapper) {
        var client = Clients.inProcess(wrapper.apply(api(user)));
        clients.add(client);
        return client;
    }

    /** The server as a user's in-process API. */
    public InProcessApi api(UserInfo user) {
        return request -> adapt(server.handle(
                ApiRequest.of(user, request.method(), request.pathAndQuery(), request.headers(), request.body())));
    }

    private static InProcessApi.Response adapt(ApiResponse response) {
        return switch (response) {
            case ApiResponse.Complete(var status, var headers, var body) ->
                new InProcessApi.Response.Complete(status, headers, body);
            case ApiResponse.Stream(var status, var headers, var body) ->
                new InProcessApi.Response.Stream(status, headers, adapt(body));
            case ApiResponse.Upgrade upgrade ->
                new InProcessApi.Response.Complete(
                        400,
                        Map.of(),
                        "an upgrade needs a connection of its own".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        };
    }

    private static InProcessApi.Body adapt(ApiResponse.StreamBody body) {
        return new InProcessApi.Body() {
            @Override
            public void writeTo(InProcessApi.Sink sink) throws IOException {
                body.writeTo(new ApiResponse.StreamSink() {
                    @Override
                    public void write(byte[] bytes) throws IOException {
                        sink.write(bytes);
                    }

                    @Override
                    public void flush() {
                        // every write is passed on at once
                    }
                });
            }

            @Override
            public void close() {
                body.close();
            }
        };
    }

    @Override
    public void close() {
        clients.forEach(KubernetesClient::close);
        server.close();
        try {
            store.close();
            try (var files = Files.walk(pki)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
