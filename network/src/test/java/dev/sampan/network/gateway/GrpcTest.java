package dev.sampan.network.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrpcTest {

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static MethodDescriptor<byte[], byte[]> method(MethodDescriptor.MethodType type, String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName("test.Echo/" + name)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final MethodDescriptor<byte[], byte[]> UNARY = method(MethodDescriptor.MethodType.UNARY, "Unary");
    private static final MethodDescriptor<byte[], byte[]> BIDI =
            method(MethodDescriptor.MethodType.BIDI_STREAMING, "Bidi");

    private GatewayFixture gateway;
    private ManagedChannel channel;
    private final List<Server> servers = new ArrayList<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    @BeforeEach
    void open() throws IOException {
        gateway = new GatewayFixture();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.gateway.httpPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        gateway.close();
        for (Server server : servers) {
            server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    private InetSocketAddress server(String name) throws IOException {
        var echo = ServerServiceDefinition.builder("test.Echo")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((byte[] request, StreamObserver<byte[]> out) -> {
                    String text = new String(request, StandardCharsets.UTF_8);
                    if (text.startsWith("fail")) {
                        var trailers = new Metadata();
                        trailers.put(Metadata.Key.of("why", Metadata.ASCII_STRING_MARSHALLER), "because");
                        out.onError(Status.INVALID_ARGUMENT
                                .withDescription("cannot " + text)
                                .asRuntimeException(trailers));
                    } else {
                        out.onNext(text.equals("who") ? name.getBytes(StandardCharsets.UTF_8) : request);
                        out.onCompleted();
                    }
                }))
                .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall((StreamObserver<byte[]> out) -> {
                    ((io.grpc.stub.ServerCallStreamObserver<byte[]>) out).setOnCancelHandler(() -> cancelled.set(true));
                    return new StreamObserver<>() {
                        @Override
                        public void onNext(byte[] value) {
                            out.onNext(value);
                        }

                        @Override
                        public void onError(Throwable failure) {}

                        @Override
                        public void onCompleted() {
                            out.onCompleted();
                        }
                    };
                }))
                .build();
        var server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(echo)
                .maxInboundMessageSize(64 << 20)
                .build()
                .start();
        servers.add(server);
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    private String call(String text) {
        byte[] answer = ClientCalls.blockingUnaryCall(
                channel,
                UNARY,
                CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS).withMaxInboundMessageSize(64 << 20),
                text.getBytes(StandardCharsets.UTF_8));
        return new String(answer, StandardCharsets.UTF_8);
    }

    @Test
    void unaryCalls() throws Exception {
        gateway.web(server("a"));
        assertThat(call("hello")).isEqualTo("hello");
        String large = "x".repeat(10_000_000);
        assertThat(call(large)).isEqualTo(large);
        for (int i = 0; i < 100; i++) {
            assertThat(call("n" + i)).isEqualTo("n" + i);
        }
    }

    @Test
    void statusAndTrailersComeThrough() throws Exception {
        gateway.web(server("a"));
        assertThatThrownBy(() -> call("fail now")).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(e.getStatus().getDescription()).isEqualTo("cannot fail now");
            assertThat(e.getTrailers().get(Metadata.Key.of("why", Metadata.ASCII_STRING_MARSHALLER)))
                    .isEqualTo("because");
        });
    }

    @Test
    void bothSidesStreamAtOnce() throws Exception {
        gateway.web(Map.of("backend-protocol", "GRPC"), server("a"));
        var inbox = new LinkedBlockingQueue<String>();
        StreamObserver<byte[]> out =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(BIDI, CallOptions.DEFAULT), new StreamObserver<>() {
                    @Override
                    public void onNext(byte[] value) {
                        inbox.add(new String(value, StandardCharsets.UTF_8));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        inbox.add(failure.toString());
                    }

                    @Override
                    public void onCompleted() {
                        inbox.add("completed");
                    }
                });
        for (int i = 0; i < 50; i++) {
            out.onNext(("message " + i).getBytes(StandardCharsets.UTF_8));
            assertThat(inbox.poll(10, TimeUnit.SECONDS)).isEqualTo("message " + i);
        }
        out.onCompleted();
        assertThat(inbox.poll(10, TimeUnit.SECONDS)).isEqualTo("completed");
    }

    @Test
    void aClientThatGivesUpCancelsTheBackendsCall() throws Exception {
        gateway.web(server("a"));
        var call = channel.newCall(BIDI, CallOptions.DEFAULT);
        var first = new CountDownLatch(1);
        StreamObserver<byte[]> out = ClientCalls.asyncBidiStreamingCall(call, new StreamObserver<>() {
            @Override
            public void onNext(byte[] value) {
                first.countDown();
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        out.onNext(new byte[1]);
        first.await();
        call.cancel("enough", null);
        await().untilTrue(cancelled);
    }

    @Test
    void aDeadBackendIsReplaced() throws Exception {
        var a = server("a");
        gateway.web(a, server("b"));
        assertThat(List.of(call("who"), call("who"))).containsExactlyInAnyOrder("a", "b");
        servers.getFirst().shutdownNow().awaitTermination();
        for (int i = 0; i < 10; i++) {
            assertThat(call("who")).isEqualTo("b");
        }
    }

    @Test
    void noEndpointIsUnavailable() {
        gateway.web();
        assertThatThrownBy(() -> call("hello")).hasMessageContaining("UNAVAILABLE");
    }
}
