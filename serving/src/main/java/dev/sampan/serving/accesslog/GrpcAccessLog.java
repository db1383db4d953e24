package dev.sampan.serving.accesslog;

import io.grpc.ForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Puts gRPC's calls into the access log. */
public final class GrpcAccessLog implements ServerInterceptor {
    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TRACERESPONSE =
            Metadata.Key.of("traceresponse", Metadata.ASCII_STRING_MARSHALLER);

    private final AccessLog log;

    public GrpcAccessLog(AccessLog log) {
        this.log = log;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        long start = System.nanoTime();
        var trace = log.trace(headers.get(TRACEPARENT));
        var client = String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        var logged = new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                trailers.put(TRACERESPONSE, trace.traceresponse());
                super.close(status, trailers);
                var method = getMethodDescriptor();
                log.add(new AccessLog.Entry(
                        "grpc",
                        String.valueOf(method.getBareMethodName()),
                        "/" + method.getFullMethodName(),
                        status.getCode().name(),
                        client,
                        System.nanoTime() - start,
                        -1,
                        -1,
                        trace));
            }
        };
        return next.startCall(logged, headers);
    }
}
