package dev.sampan.serving.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads a request into one array and lets the byte strings of its message lie in it: a tensor's bytes are copied once, from
 * the network's buffers, before they go to the engine's. gRPC's own reader copies them twice.
 */
public final class WholeMessages {
    private WholeMessages() {}

    /** The same service, with its requests read so. */
    public static ServerServiceDefinition of(ServerServiceDefinition service) {
        var methods = service.getMethods().stream()
                .<ServerMethodDefinition<?, ?>>map(WholeMessages::of)
                .toList();
        // With the schema, for reflection finds services by it.
        var descriptor = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        var copy = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(copy::addMethod);
        return copy.build();
    }

    private static <Q, A> ServerMethodDefinition<Q, A> of(ServerMethodDefinition<Q, A> method) {
        var descriptor = method.getMethodDescriptor();
        var usual = descriptor.getRequestMarshaller();
        if (!(usual instanceof MethodDescriptor.PrototypeMarshaller<Q> prototyped)
                || !(prototyped.getMessagePrototype() instanceof Message prototype)) {
            return method;
        }
        return ServerMethodDefinition.create(
                descriptor.toBuilder(new Marshaller<>(usual, prototype), descriptor.getResponseMarshaller())
                        .build(),
                method.getServerCallHandler());
    }

    private record Marshaller<Q>(MethodDescriptor.Marshaller<Q> usual, Message prototype)
            implements MethodDescriptor.PrototypeMarshaller<Q> {

        @Override
        public InputStream stream(Q value) {
            return usual.stream(value);
        }

        @Override
        @SuppressWarnings("unchecked") // The prototype is of the request's type, and so is what its parser reads.
        public Q parse(InputStream stream) {
            try {
                var in = CodedInputStream.newInstance(bytes(stream));
                in.enableAliasing(true);
                var message = ((Parser<? extends Message>) prototype.getParserForType()).parseFrom(in);
                in.checkLastTagWas(0);
                return (Q) message;
            } catch (InvalidProtocolBufferException e) {
                throw Status.INTERNAL
                        .withDescription("Invalid protobuf byte sequence")
                        .withCause(e)
                        .asRuntimeException();
            } catch (IOException e) {
                throw Status.UNAVAILABLE
                        .withDescription("the request could not be read")
                        .withCause(e)
                        .asRuntimeException();
            }
        }

        /** A stream that knows its length has all of it available. */
        private static byte[] bytes(InputStream stream) throws IOException {
            return stream instanceof KnownLength ? stream.readNBytes(stream.available()) : stream.readAllBytes();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Q getMessagePrototype() {
            return (Q) prototype;
        }

        @Override
        @SuppressWarnings("unchecked")
        public Class<Q> getMessageClass() {
            return (Class<Q>) prototype.getClass();
        }
    }
}
