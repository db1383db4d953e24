package dev.sampan.serving.grpc;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Timings;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for beside its message: metadata {@code priority} (as HTTP's: {@code u=0} to {@code u=7}) and
 * {@code explain}, which is answered with {@code server-timing} among the trailers.
 */
public final class Wishes implements ServerInterceptor {
    private static final Metadata.Key<String> PRIORITY = Metadata.Key.of("priority", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> EXPLAIN = Metadata.Key.of("explain", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TIMING =
            Metadata.Key.of("server-timing", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Call> CALL = Context.key("wishes");

    /** The wishes of one call; the timing is set by the thread that answers it. */
    static final class Call {
        final int priority;
        final boolean explain;
        volatile @Nullable String timing;

        Call(int priority, boolean explain) {
            this.priority = priority;
            this.explain = explain;
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var priority = headers.get(PRIORITY);
        boolean explain = headers.containsKey(EXPLAIN);
        if (priority == null && !explain) {
            return next.startCall(call, headers);
        }
        var wishes = new Call(priority(priority), explain);
        var timed = new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                var timing = wishes.timing;
                if (timing != null) {
                    trailers.put(TIMING, timing);
                }
                super.close(status, trailers);
            }
        };
        return Contexts.interceptCall(Context.current().withValue(CALL, wishes), timed, headers, next);
    }

    private static int priority(@Nullable String header) {
        int digit = header == null || !header.startsWith("u=") || header.length() < 3
                ? -1
                : Character.digit(header.charAt(2), 10);
        return digit < 0 ? BufferScope.USUAL_PRIORITY : Math.min(BufferScope.PRIORITIES, digit + 1);
    }

    /** Those of the present call; null if it has none. */
    static @Nullable Call present() {
        return CALL.get();
    }

    static int priority(@Nullable Call wishes) {
        return wishes == null ? BufferScope.USUAL_PRIORITY : wishes.priority;
    }

    /** Keeps the timings of a call if its client asked for them. */
    static void explain(@Nullable Call wishes, Timings timings) {
        if (wishes != null && wishes.explain) {
            wishes.timing = timings.serverTiming();
        }
    }
}
