package dev.sampan.node.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * kubectl's port-forward over SPDY: for each forwarded connection the client opens an error stream and a data stream with the same request
 * ID. A connection that fails says so on its error stream; the others go on.
 */
final class SpdyPortForward implements SpdySession.Listener {

    private final SpdySession session;
    private final Dialer dialer;
    private final Map<String, SpdyStream> errors = new ConcurrentHashMap<>();
    private final Map<String, SpdyStream> data = new ConcurrentHashMap<>();

    SpdyPortForward(SpdySession session, Dialer dialer) {
        this.session = session;
        this.dialer = dialer;
    }

    @Override
    public boolean opened(SpdyStream stream) {
        int port;
        try {
            port = StreamRequest.port(stream.header("port"));
        } catch (StreamRequest.Refused e) {
            return false;
        }
        var request = stream.header("requestID").isEmpty() ? "port " + port : stream.header("requestID");
        var kind = switch (stream.header("streamType")) {
            case "error" -> errors;
            case "data" -> data;
            default -> null;
        };
        if (kind == null || kind.putIfAbsent(request, stream) != null) {
            return false;
        }
        var error = errors.get(request);
        var carried = data.get(request);
        if (error != null && carried != null) {
            errors.remove(request);
            data.remove(request);
            Thread.ofVirtual().name("port-forward " + port).start(() -> forward(port, carried, error));
        }
        return true;
    }

    private void forward(int port, SpdyStream carried, SpdyStream error) {
        try {
            new ForwardedConnection(dialer, port).run(carried.input(), carried.output(), error.output());
        } finally {
            session.forget(carried);
            session.forget(error);
        }
    }

    @Override
    public void gone() {
        errors.clear();
        data.clear();
    }
}
