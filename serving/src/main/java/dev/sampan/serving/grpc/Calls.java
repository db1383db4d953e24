package dev.sampan.serving.grpc;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls: a value or a status. */
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    private Calls() {}

    /** Is told how each call ended. */
    interface Listener {
        void ended(Code code, long nanos);
    }

    static <T> void answer(StreamObserver<T> observer, Supplier<T> call) {
        answer(observer, call, (code, nanos) -> {});
    }

    static <T> void answer(StreamObserver<T> observer, Supplier<T> call, Listener listener) {
        long start = System.nanoTime();
        T value;
        try {
            value = call.get();
        } catch (ServingException e) {
            listener.ended(e.code(), System.nanoTime() - start);
            observer.onError(status(e.code(), String.valueOf(e.getMessage())));
            return;
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a call failed", e);
            listener.ended(Code.INTERNAL, System.nanoTime() - start);
            observer.onError(status(Code.INTERNAL, "Internal error: " + e));
            return;
        }
        listener.ended(Code.OK, System.nanoTime() - start);
        observer.onNext(value);
        observer.onCompleted();
    }

    static StatusRuntimeException status(Code code, String message) {
        return Status.fromCodeValue(code.number()).withDescription(message).asRuntimeException();
    }
}
