package dev.sampan.benchmarks;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/**
 * gRPC alone, as the limit of what any server on it can do with the same requests: it drops every message unseen and answers
 * with so many bytes. Arguments: port, bytes of an answer.
 */
final class EchoServer {
    static final String SERVICE = "benchmarks.Echo";
    static final String METHOD = "Drop";

    private EchoServer() {}

    /** Messages of which only the size is known. */
    private record Sizes(byte[] answer) implements MethodDescriptor.Marshaller<Integer> {
        @Override
        public InputStream stream(Integer size) {
            return new ByteArrayInputStream(answer, 0, size);
        }

        @Override
        public Integer parse(InputStream stream) {
            try {
                int size = stream.available();
                stream.skipNBytes(size);
                return size;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static void main(String[] arguments) throws Exception {
        int answer = Integer.parseInt(arguments[1]);
        var marshaller = new Sizes(new byte[answer]);
        var method = MethodDescriptor.<Integer, Integer>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, METHOD))
                .setRequestMarshaller(marshaller)
                .setResponseMarshaller(marshaller)
                .build();
        var service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(method, ServerCalls.asyncUnaryCall((size, observer) -> {
                    observer.onNext(answer);
                    observer.onCompleted();
                }))
                .build();
        var server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])))
                .directExecutor()
                .addService(service)
                .build()
                .start();
        System.out.println("ready in no time");
        server.awaitTermination();
    }
}
