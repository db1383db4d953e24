package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiResponse.StreamBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that an HTTP/1.1 client has gone while an answer goes on. Nothing else reads from the connection then; what a
 * client may send in the meantime is dropped, which is why the connection is closed after the answer.
 */
final class DisconnectDetector implements Callback {

    private final EndPoint endPoint;
    private final StreamBody body;

    DisconnectDetector(EndPoint endPoint, StreamBody body) {
        this.endPoint = endPoint;
        this.body = body;
    }

    void arm() {
        endPoint.tryFillInterested(this);
    }

    @Override
    public void succeeded() {
        var buffer = BufferUtil.allocate(1024);
        try {
            int read = fill(buffer);
            if (read < 0) {
                body.close();
            } else {
                arm();
            }
        } catch (IOException e) {
            body.close();
        }
    }

    private int fill(ByteBuffer buffer) throws IOException {
        int read = endPoint.fill(buffer);
        while (read > 0) {
            BufferUtil.clear(buffer);
            read = endPoint.fill(buffer);
        }
        return read;
    }

    @Override
    public void failed(Throwable cause) {
        if (cause instanceof TimeoutException) {
            arm(); // a quiet client is none that has gone
        } else {
            body.close();
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
