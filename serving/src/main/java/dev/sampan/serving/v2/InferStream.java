package dev.sampan.serving.v2;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.grpc.Calls;
import dev.sampan.serving.wire.ProtoWriter;
import dev.sampan.serving.wire.WireMessage;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A stream of requests, answered in their order. A request that fails is answered with its error and the stream goes on. The
 * next one is read only when the client has taken the answers so far. Its methods are called one after the other, in a thread
 * that may wait.
 */
final class InferStream implements StreamObserver<InferMessage> {
    private final InferenceService inference;
    private final ServerCallStreamObserver<WireMessage> call;
    /** Whether a request has been asked for and not come. */
    private boolean asked;

    InferStream(InferenceService inference, ServerCallStreamObserver<WireMessage> call) {
        this.inference = inference;
        this.call = call;
    }

    void open() {
        call.disableAutoRequest();
        call.setOnReadyHandler(this::next);
    }

    private void next() {
        if (!asked && call.isReady()) {
            asked = true;
            call.request(1);
        }
    }

    @Override
    public void onNext(InferMessage message) {
        asked = false;
        long start = System.nanoTime();
        var code = Code.OK;
        try (var scope = message.scope()) {
            scope.expireAt(Calls.deadlineNanos());
            scope.priority(Calls.priority());
            var request = message.request();
            var response = inference.infer(request, scope);
            call.onNext(new Answer(new InferAnswer(response, message.isRaw()), null));
        } catch (ServingException e) {
            code = e.code();
            call.onNext(new Answer(InferAnswer.empty(message.id()), String.valueOf(e.getMessage())));
        }
        inference.count(message.model(), "GRPC", code, System.nanoTime() - start);
        next();
    }

    /** {@code ModelStreamInferResponse}. */
    private record Answer(InferAnswer answer, @Nullable String error) implements WireMessage {
        private static final int ERROR_MESSAGE = 1;
        private static final int INFER_RESPONSE = 2;

        @Override
        public int size() {
            int size = ProtoWriter.nestedSize(INFER_RESPONSE, answer.size());
            return error == null
                    ? size
                    : Math.addExact(size, ProtoWriter.nestedSize(ERROR_MESSAGE, ProtoWriter.utf8(error).length));
        }

        @Override
        public void write(ProtoWriter out) throws IOException {
            if (error != null) {
                out.string(ERROR_MESSAGE, ProtoWriter.utf8(error));
            }
            out.nested(INFER_RESPONSE, answer.size());
            answer.write(out);
        }
    }

    @Override
    public void onError(Throwable cause) {
        // The client is gone; there is nobody to answer.
    }

    @Override
    public void onCompleted() {
        call.onCompleted();
    }
}
