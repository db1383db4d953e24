package dev.sampan.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictResponse;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.wire.ProtoReader;
import dev.sampan.serving.wire.WireMessage;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The network's buffers, in which a request lies until it has run, go back when its call is cancelled. */
class BufferReleaseTest {
    private static final int CALLS = 5;
    private static final int PAGE = 8192;
    private static final int CHUNK_ORDER = 9;

    /** What the server's connections take their buffers from; nothing stays in caches of threads. */
    private final PooledByteBufAllocator buffers =
            new PooledByteBufAllocator(true, 0, 1, PAGE, CHUNK_ORDER, 0, 0, false);

    private final BufferPool pool = new BufferPool(0);
    /** Requests that run. */
    private final Queue<PredictMessage> running = new ConcurrentLinkedQueue<>();

    private final ServerMethodDefinition<PredictMessage, WireMessage> method = AsyncMethod.of(
            PredictionServiceGrpc.getPredictMethod(),
            in -> PredictMessage.read(in, pool.scope()),
            (request, reply) -> running.add(request));
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .directExecutor()
                .withChildOption(ChannelOption.ALLOCATOR, buffers)
                .addService(ServerServiceDefinition.builder(PredictionServiceGrpc.SERVICE_NAME)
                        .addMethod(method)
                        .build())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void aCallThatIsCancelledWhileItsRequestComesGivesItsBuffersBack() {
        for (int i = 0; i < CALLS; i++) {
            int before = inUse();
            var call = call();
            await().until(() -> inUse() > before);
            call.cancel("not wanted any more", null);
            await().untilAsserted(() -> assertThat(inUse()).isLessThanOrEqualTo(before));
        }
        assertThat(running).isEmpty();
    }

    @Test
    void aCallThatIsCancelledWhileItRunsKeepsItsBuffersUntilItHasRun() {
        for (int i = 0; i < CALLS; i++) {
            int before = inUse();
            var call = call();
            call.halfClose();
            await().until(() -> running.size() == 1);
            call.cancel("not wanted any more", null);
            // Comes after the cancellation, over the same connection.
            call().halfClose();
            await().until(() -> running.size() == 2);
            var cancelled = running.remove();
            running.remove().close();
            assertThat(inUse()).as("the run needs the request").isGreaterThan(before);
            cancelled.close();
            await().untilAsserted(() -> assertThat(inUse()).isLessThanOrEqualTo(before));
        }
    }

    @Test
    void aRequestThatHasBeenReadIsClosedWhenItsCallIsCancelledBeforeItIsComplete() {
        var closed = new AtomicInteger();
        var scope = pool.scope();
        scope.closing(closed::incrementAndGet);
        var listener = method.getServerCallHandler().startCall(new SilentCall(), new Metadata());
        listener.onMessage(PredictMessage.read(new ProtoReader(ByteBuffer.allocate(0)), scope));
        assertThat(closed).hasValue(0);
        listener.onCancel();
        assertThat(closed).hasValue(1);
        assertThat(running).isEmpty();
    }

    /** A call that nobody hears. */
    private final class SilentCall extends ServerCall<PredictMessage, WireMessage> {
        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(WireMessage message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return true;
        }

        @Override
        public MethodDescriptor<PredictMessage, WireMessage> getMethodDescriptor() {
            return method.getMethodDescriptor();
        }
    }

    /** Buffers that somebody has not given back. */
    private int inUse() {
        return buffers.metric().directArenas().stream()
                .mapToInt(arena -> (int) arena.numActiveAllocations())
                .sum();
    }

    /** A call whose request has been sent but, as the client might send more, is not complete. */
    private ClientCall<PredictRequest, PredictResponse> call() {
        var predict = PredictionServiceGrpc.getPredictMethod();
        var call = channel.newCall(
                predict.toBuilder()
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build(),
                CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.sendMessage(PredictRequest.newBuilder()
                .putInputs(
                        "inputs",
                        TensorProto.newBuilder()
                                .setTensorContent(ByteString.copyFrom(new byte[10 * PAGE]))
                                .build())
                .build());
        return call;
    }
}
