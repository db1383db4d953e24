package dev.sampan.node.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection that has been upgraded from HTTP/1.1 to SPDY/3.1, read by a thread of its own. */
final class SpdyConnection extends AbstractConnection implements Connection.UpgradeTo {

    private static final Logger LOG = LoggerFactory.getLogger(SpdyConnection.class);
    private static final int BUFFER = 32 * 1024;
    private static final long LAST_WORDS_MILLIS = 10_000;

    private final ByteBuffer buffer = BufferUtil.allocate(BUFFER);
    private final SpdySession session;

    SpdyConnection(EndPoint endPoint, Executor executor, Function<SpdySession, SpdySession.Listener> listener) {
        super(endPoint, executor);
        session = new SpdySession(new OnEndPoint(endPoint), listener);
    }

    /** Bytes that came together with the request are SPDY's already. */
    @Override
    public void onUpgradeTo(ByteBuffer early) {
        BufferUtil.append(buffer, early);
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(-1);
        getExecutor().execute(this::read);
    }

    /** Reading happens in the connection's own thread. */
    @Override
    public void onFillable() {}

    private void read() {
        try {
            do {
                session.received(buffer);
                BufferUtil.clear(buffer);
            } while (fill());
        } catch (IOException e) {
            LOG.debug("SPDY connection broke off: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            getEndPoint().close(); // first, since it frees who waits in a write
            session.gone();
        }
    }

    /** Waits for bytes; false at the end. */
    private boolean fill() throws IOException {
        while (true) {
            int count = getEndPoint().fill(buffer);
            if (count != 0) {
                return count > 0;
            }
            try (var blocker = Blocker.callback()) {
                getEndPoint().fillInterested(blocker);
                blocker.block();
            }
        }
    }

    /** The session serialises what it sends. */
    private record OnEndPoint(EndPoint endPoint) implements SpdySession.Wire {

        @Override
        public void send(ByteBuffer bytes) throws IOException {
            try (var blocker = Blocker.callback()) {
                endPoint.write(blocker, bytes);
                blocker.block();
            }
        }

        /** The client has what was sent, and closes in turn; one that does not is not waited for. */
        @Override
        public void close() {
            endPoint.setIdleTimeout(LAST_WORDS_MILLIS);
            endPoint.shutdownOutput();
        }
    }
}
