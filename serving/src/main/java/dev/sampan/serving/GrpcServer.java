package dev.sampan.serving;

import dev.sampan.serving.grpc.Wishes;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** gRPC as this server uses it: each call in a virtual thread, with health checks and reflection. */
final class GrpcServer {
    private final Server server;
    private final HealthStatusManager health;
    private final String host;

    private GrpcServer(Server server, HealthStatusManager health, String host) {
        this.server = server;
        this.health = health;
        this.host = host;
    }

    static GrpcServer start(String address, int port, long maxMessageBytes, BindableService... services)
            throws IOException {
        var health = new HealthStatusManager();
        var builder = NettyServerBuilder.forAddress(new InetSocketAddress(address, port))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .maxInboundMessageSize((int) Math.min(Integer.MAX_VALUE, maxMessageBytes))
                .intercept(new Wishes())
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance());
        for (var service : services) {
            builder.addService(service);
        }
        try {
            return new GrpcServer(builder.build().start(), health, address);
        } catch (IOException e) {
            var root = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot listen at " + address + ":" + port + ": " + root.getMessage(), e);
        }
    }

    String target() {
        return (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":" + server.getPort();
    }

    /** Health checks answer NOT_SERVING from now on. */
    void drain() {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    }

    void stop(Duration timeout) {
        drain();
        server.shutdown();
        try {
            if (!server.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
