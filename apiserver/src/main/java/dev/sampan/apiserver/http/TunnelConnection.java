package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection that speaks another protocol now: plain blocking streams for a {@link ApiResponse.Tunnel} on a thread of its own. */
final class TunnelConnection extends AbstractConnection implements Connection.UpgradeTo {

    private static final Logger log = LoggerFactory.getLogger(TunnelConnection.class);

    private final ApiResponse.Tunnel tunnel;
    private final ByteBuffer buffer = BufferUtil.allocate(16 * 1024);

    TunnelConnection(EndPoint endPoint, Executor executor, ApiResponse.Tunnel tunnel) {
        super(endPoint, executor);
        this.tunnel = tunnel;
    }

    /** Bytes that came together with the request belong to the tunnel. */
    @Override
    public void onUpgradeTo(ByteBuffer early) {
        BufferUtil.append(buffer, early);
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(-1);
        getExecutor().execute(this::run);
    }

    private void run() {
        try {
            tunnel.run(new In(), new Out());
        } catch (IOException | RuntimeException e) {
            log.debug("tunnel ended: {}", e.toString());
        } finally {
            getEndPoint().close();
        }
    }

    /** Reading happens in the tunnel's own thread. */
    @Override
    public void onFillable() {}

    private final class In extends InputStream {
        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            while (!buffer.hasRemaining()) {
                int filled = getEndPoint().fill(buffer);
                if (filled < 0) {
                    return -1;
                }
                if (filled == 0) {
                    try (var blocker = Blocker.callback()) {
                        getEndPoint().fillInterested(blocker);
                        blocker.block();
                    }
                }
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(target, offset, count);
            return count;
        }
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try (var blocker = Blocker.callback()) {
                getEndPoint().write(blocker, ByteBuffer.wrap(source, offset, length));
                blocker.block();
            }
        }

        @Override
        public void close() {
            getEndPoint().shutdownOutput();
        }
    }
}
