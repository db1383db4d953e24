package dev.sampan.node.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SPDY inside the binary messages of a WebSocket, as kubectl tunnels a port-forward since 1.31 (KEP-4006). */
public final class SpdySocket implements Session.Listener.AutoDemanding {

    private static final Logger LOG = LoggerFactory.getLogger(SpdySocket.class);

    private final Dialer dialer;
    private @Nullable SpdySession session;

    SpdySocket(Dialer dialer) {
        this.dialer = dialer;
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        session = new SpdySession(new OnMessages(new Messages(socket)), s -> new SpdyPortForward(s, dialer));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer message, Callback callback) {
        var open = session;
        try {
            if (open != null) {
                open.received(message);
            }
            callback.succeed();
        } catch (IOException e) {
            LOG.debug("a port-forward's tunnel breaks: {}", e.toString());
            callback.fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            callback.fail(e);
        }
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
        gone();
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.debug("a port-forward broke off: {}", cause.toString());
        gone();
    }

    private void gone() {
        var open = session;
        if (open != null) {
            open.gone();
        }
    }

    private record OnMessages(Messages messages) implements SpdySession.Wire {
        @Override
        public void send(ByteBuffer bytes) throws IOException {
            messages.send(bytes);
        }

        @Override
        public void close() {
            messages.close();
        }
    }
}
