package dev.sampan.node.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** Sends the binary messages of one WebSocket one after the other, waiting while the client is slow. Any thread. */
final class Messages {

    private final Session session;
    private final ReentrantLock lock = new ReentrantLock();

    Messages(Session session) {
        this.session = session;
    }

    void send(ByteBuffer message) throws IOException {
        lock.lock();
        try {
            var sent = new Callback.Completable();
            session.sendBinary(message, sent);
            sent.get();
        } catch (ExecutionException e) {
            throw new IOException("the client is gone: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** A stream whose bytes become messages that begin with the channel's number. Its end is not told. */
    OutputStream channel(int number) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                var message = ByteBuffer.allocate(length + 1);
                message.put((byte) number).put(bytes, offset, length).flip();
                send(message);
            }
        };
    }

    /** Closes normally, after what has been sent. */
    void close() {
        session.close(StatusCode.NORMAL, "", Callback.NOOP);
    }
}
