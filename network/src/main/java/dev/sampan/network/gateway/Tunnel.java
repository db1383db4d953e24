package dev.sampan.network.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Blocker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client's connection becomes after an upgrade (a WebSocket): bytes go to and fro untouched, each way by one virtual
 * thread. Ends when both ways have ended or one broke.
 */
final class Tunnel extends AbstractConnection implements Connection.UpgradeTo {

    private static final Logger LOG = LoggerFactory.getLogger(Tunnel.class);
    private static final int BUFFER = 16 * 1024;

    private final Http1Connection backend;
    private final AtomicInteger ways = new AtomicInteger(2);
    private ByteBuffer prefilled = ByteBuffer.allocate(0);

    Tunnel(EndPoint client, Executor executor, Http1Connection backend) {
        super(client, executor);
        this.backend = backend;
    }

    /** What the client sent behind its request. */
    @Override
    public void onUpgradeTo(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        prefilled = ByteBuffer.wrap(copy);
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0);
        Thread.ofVirtual().name("gateway-tunnel-up").start(() -> run(this::up));
        Thread.ofVirtual().name("gateway-tunnel-down").start(() -> run(this::down));
    }

    private interface Way {
        void copy() throws IOException;
    }

    private void run(Way way) {
        try {
            way.copy();
            if (ways.decrementAndGet() == 0) {
                close();
            }
        } catch (IOException e) {
            LOG.debug("tunnel to {} broke: {}", backend.address(), e.toString());
            close();
        }
    }

    private void up() throws IOException {
        Socket socket = backend.socket();
        OutputStream out = socket.getOutputStream();
        out.write(prefilled.array());
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
        while (true) {
            // Between uses the buffer is empty: position and limit equal, as Jetty's fill wants it.
            buffer.clear().limit(0);
            int count = getEndPoint().fill(buffer);
            if (count > 0) {
                out.write(buffer.array(), buffer.position(), buffer.remaining());
            } else if (count < 0) {
                socket.shutdownOutput();
                return;
            } else {
                try (Blocker.Callback readable = Blocker.callback()) {
                    getEndPoint().fillInterested(readable);
                    readable.block();
                }
            }
        }
    }

    private void down() throws IOException {
        Socket socket = backend.socket();
        socket.setSoTimeout(0);
        write(backend.surplus());
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[BUFFER];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            write(ByteBuffer.wrap(buffer, 0, count));
        }
        getEndPoint().shutdownOutput();
    }

    private void write(ByteBuffer bytes) throws IOException {
        try (Blocker.Callback written = Blocker.callback()) {
            getEndPoint().write(written, bytes);
            written.block();
        }
    }

    /** Not used: the reading thread asks the endpoint itself. */
    @Override
    public void onFillable() {}

    @Override
    public void onClose(Throwable cause) {
        super.onClose(cause);
        backend.close();
    }

    @Override
    public void close() {
        backend.close();
        super.close();
    }
}
