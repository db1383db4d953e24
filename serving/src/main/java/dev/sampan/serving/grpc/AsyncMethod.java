package dev.sampan.serving.grpc;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.wire.ProtoReader;
import dev.sampan.serving.wire.WireException;
import dev.sampan.serving.wire.WireMessage;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.InputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A unary method that needs no thread of its own: the network's thread reads its requests straight from the network's
 * buffers, and whoever has the answer writes it. On the wire it is the method that generated stubs call.
 */
public final class AsyncMethod {
    private AsyncMethod() {}

    /** A request that has been read, with what it holds. */
    public interface Request extends AutoCloseable {
        @Override
        void close();
    }

    /** Answers requests. Must not block; whatever happens, it closes the request and answers once, then or later. */
    public interface Service<Q extends Request> {
        void start(Q request, Reply reply);
    }

    /**
     * The method in place of a generated one.
     *
     * @param reader reads a request; what it throws becomes the call's status
     */
    public static <Q extends Request> ServerMethodDefinition<Q, WireMessage> of(
            MethodDescriptor<?, ?> method, Function<ProtoReader, Q> reader, Service<Q> service) {
        return ServerMethodDefinition.create(descriptor(method, reader), new Handler<>(service));
    }

    /** A method whose requests are read from the wire and whose answers write themselves. */
    public static <Q> MethodDescriptor<Q, WireMessage> descriptor(
            MethodDescriptor<?, ?> method, Function<ProtoReader, Q> reader) {
        return method.toBuilder(new RequestMarshaller<>(reader), new AnswerMarshaller())
                .build();
    }

    private record RequestMarshaller<Q>(Function<ProtoReader, Q> reader) implements MethodDescriptor.Marshaller<Q> {
        @Override
        public InputStream stream(Q value) {
            throw new UnsupportedOperationException("requests are only read");
        }

        @Override
        public Q parse(InputStream stream) {
            try {
                return reader.apply(ProtoReader.of(stream));
            } catch (WireException e) {
                throw Status.INTERNAL
                        .withDescription("Invalid protobuf byte sequence: " + e.getMessage())
                        .withCause(e)
                        .asRuntimeException();
            } catch (ServingException e) {
                throw Calls.status(e.code(), String.valueOf(e.getMessage()));
            }
        }
    }

    private record AnswerMarshaller() implements MethodDescriptor.Marshaller<WireMessage> {
        @Override
        public InputStream stream(WireMessage value) {
            return WireMessage.stream(value);
        }

        @Override
        public WireMessage parse(InputStream stream) {
            throw new UnsupportedOperationException("answers are only written");
        }
    }

    private record Handler<Q extends Request>(Service<Q> service) implements ServerCallHandler<Q, WireMessage> {
        @Override
        public ServerCall.Listener<Q> startCall(ServerCall<Q, WireMessage> call, Metadata headers) {
            // One more than a unary call has, so that a second one is seen.
            call.request(2);
            return new Listener<>(service, call);
        }
    }

    /** One call, until its request is complete. */
    private static final class Listener<Q extends Request> extends ServerCall.Listener<Q> {
        private final Service<Q> service;
        private final ServerCall<Q, WireMessage> call;
        private @Nullable Q request;
        private boolean refused;

        Listener(Service<Q> service, ServerCall<Q, WireMessage> call) {
            this.service = service;
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (request == null && !refused) {
                request = message;
                return;
            }
            message.close();
            refuse("Too many requests");
        }

        @Override
        public void onHalfClose() {
            var complete = request;
            request = null;
            if (complete != null) {
                service.start(complete, new Reply(call));
            } else {
                refuse("Half-closed without a request");
            }
        }

        private void refuse(String why) {
            release();
            if (!refused) {
                refused = true;
                call.close(Status.INTERNAL.withDescription(why), new Metadata());
            }
        }

        @Override
        public void onCancel() {
            release();
        }

        private void release() {
            if (request != null) {
                request.close();
                request = null;
            }
        }
    }
}
