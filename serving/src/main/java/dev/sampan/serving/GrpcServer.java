package dev.sampan.serving;

import dev.sampan.serving.security.Tls;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** gRPC as this server uses it: predictions in the network's threads, other calls each in its own, health, reflection. */
final class GrpcServer {
    private final Server server;
    private final HealthStatusManager health;
    private final String host;

    private GrpcServer(Server server, HealthStatusManager health, String host) {
        this.server = server;
        this.health = health;
        this.host = host;
    }

    /**
     * Opens the port.
     *
     * @param threads look after the connections
     * @param tls null for none
     * @param interceptors see every call, the first one first
     * @param inNetworkThread full names of the methods that never block: their calls need no thread of their own
     * @param others runs the calls of all other methods
     */
    static GrpcServer start(
            InetSocketAddress address,
            NetworkThreads threads,
            long maxMessageBytes,
            @Nullable Tls tls,
            List<ServerInterceptor> interceptors,
            List<ServerServiceDefinition> services,
            Set<String> inNetworkThread,
            Executor others)
            throws IOException {
        var health = new HealthStatusManager();
        var builder = NettyServerBuilder.forAddress(address, credentials(tls))
                .bossEventLoopGroup(threads.group())
                .workerEventLoopGroup(threads.group())
                .channelType(NioServerSocketChannel.class)
                .directExecutor()
                .callExecutor(new Executors(inNetworkThread, others))
                .maxInboundMessageSize((int) Math.min(Integer.MAX_VALUE, maxMessageBytes));
        // The builder calls the last one first.
        interceptors.reversed().forEach(builder::intercept);
        builder.addService(health.getHealthService()).addService(ProtoReflectionServiceV1.newInstance());
        services.forEach(builder::addService);
        try {
            return new GrpcServer(builder.build().start(), health, address.getHostString());
        } catch (IOException e) {
            var root = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen at " + address.getHostString() + ":" + address.getPort() + ": " + root.getMessage(),
                    e);
        }
    }

    /** A method that does not block stays in the network's thread. */
    private record Executors(Set<String> inNetworkThread, Executor others) implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
            return inNetworkThread.contains(call.getMethodDescriptor().getFullMethodName()) ? null : others;
        }
    }

    private static ServerCredentials credentials(@Nullable Tls tls) {
        if (tls == null) {
            return InsecureServerCredentials.create();
        }
        var credentials =
                TlsServerCredentials.newBuilder().keyManager(tls.keys().toArray(KeyManager[]::new));
        if (!tls.trust().isEmpty()) {
            credentials.trustManager(tls.trust().toArray(TrustManager[]::new));
        }
        if (tls.clientVerify()) {
            credentials.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        }
        return credentials.build();
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
