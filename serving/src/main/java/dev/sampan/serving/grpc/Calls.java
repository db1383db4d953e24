package dev.sampan.serving.grpc;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Timings;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls: a value or a status. */
public final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    private Calls() {}

    /** Is told how each call ended. */
    public interface Listener {
        void ended(Code code, long nanos);
    }

    /** Answers with a value, or with the status of the exception that the call throws. */
    public static <T> void answer(StreamObserver<T> observer, Supplier<T> call) {
        answer(observer, call, (code, nanos) -> {});
    }

    /** The same, and tells the listener. */
    public static <T> void answer(StreamObserver<T> observer, Supplier<T> call, Listener listener) {
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

    /** When the client gives up, in the terms of {@link System#nanoTime}. */
    public static long deadlineNanos() {
        var deadline = Context.current().getDeadline();
        return deadline == null
                ? BufferScope.NO_DEADLINE
                : System.nanoTime() + deadline.timeRemaining(TimeUnit.NANOSECONDS);
    }

    /** How urgent the client says its call is. */
    public static int priority() {
        return Wishes.priority(Wishes.present());
    }

    /** Tells the client where the time went, if it asked. */
    public static void explain(Timings timings) {
        Wishes.explain(Wishes.present(), timings);
    }

    static StatusRuntimeException status(Code code, String message) {
        return Status.fromCodeValue(code.number()).withDescription(message).asRuntimeException();
    }
}
