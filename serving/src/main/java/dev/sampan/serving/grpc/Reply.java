package dev.sampan.serving.grpc;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Timings;
import dev.sampan.serving.wire.WireMessage;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the answer of a call goes, and what its client wished for. Made in the call's own context; used by one thread at a
 * time, whichever it is.
 */
public final class Reply {
    private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

    private final ServerCall<?, WireMessage> call;
    private final long start = System.nanoTime();
    private final long deadlineNanos = Calls.deadlineNanos();
    private final Wishes.@Nullable Call wishes = Wishes.present();
    private Calls.Listener listener = (code, nanos) -> {};

    Reply(ServerCall<?, WireMessage> call) {
        this.call = call;
    }

    /** From now on this listener is told how the call ended. */
    public void listener(Calls.Listener newListener) {
        listener = newListener;
    }

    /** Gives the request the deadline and the priority that its client wished for. */
    public void limit(BufferScope scope) {
        scope.expireAt(deadlineNanos);
        scope.priority(Wishes.priority(wishes));
    }

    /**
     * Sends the answer, which is not needed any more when this returns.
     *
     * @param timings the time of writing is added; the client is told them if it asked
     */
    public void answer(WireMessage message, Timings timings) {
        listener.ended(Code.OK, System.nanoTime() - start);
        long ran = System.nanoTime();
        call.sendHeaders(new Metadata());
        call.sendMessage(message);
        timings.wrote(System.nanoTime() - ran);
        Wishes.explain(wishes, timings);
        call.close(Status.OK, new Metadata());
    }

    /** Ends the call with the status that the cause stands for. */
    public void fail(Throwable cause) {
        if (cause instanceof ServingException e) {
            listener.ended(e.code(), System.nanoTime() - start);
            close(Calls.status(e.code(), String.valueOf(e.getMessage())).getStatus());
            return;
        }
        LOG.error("a call failed", cause);
        listener.ended(Code.INTERNAL, System.nanoTime() - start);
        close(Status.INTERNAL.withDescription("Internal error: " + cause));
    }

    private void close(Status status) {
        try {
            call.close(status, new Metadata());
        } catch (IllegalStateException e) {
            // An answer that could not be written has ended the call already.
            LOG.debug("the call has ended before", e);
        }
    }
}
