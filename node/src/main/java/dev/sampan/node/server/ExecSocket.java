package dev.sampan.node.server;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@code exec} or {@code attach} over a WebSocket in Kubernetes' remote command protocol: the first byte of a message names its channel,
 * 0 standard input, 1 and 2 the outputs, 3 the final status, 4 the terminal's size, 255 (version 5) the end of a channel.
 */
public final class ExecSocket implements Session.Listener.AutoDemanding {

    private static final Logger LOG = LoggerFactory.getLogger(ExecSocket.class);
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;

    private final StreamRequest.Command request;
    private final CommandRun run;
    private final ByteQueue stdin = new ByteQueue();

    ExecSocket(StreamRequest.Command request, CommandRun run) {
        this.request = request;
        this.run = run;
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        var messages = new Messages(socket);
        var channels = new CommandRun.Channels(
                request.spec().stdin() ? stdin : null,
                request.stdout() ? messages.channel(STDOUT) : null,
                request.stderr() ? messages.channel(STDERR) : null,
                closing(messages));
        Thread.ofVirtual().name("command " + request.place()).start(() -> run.run(channels));
    }

    /** The status' end is the connection's. */
    private static OutputStream closing(Messages messages) {
        return new java.io.FilterOutputStream(messages.channel(STATUS)) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() {
                messages.close();
            }
        };
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        try {
            if (payload.hasRemaining()) {
                int channel = payload.get() & 0xff;
                var bytes = new byte[payload.remaining()];
                payload.get(bytes);
                receive(channel, bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        callback.succeed();
    }

    /** Python's client sends its input as text. */
    @Override
    public void onWebSocketText(String message) {
        onWebSocketBinary(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)), Callback.NOOP);
    }

    private void receive(int channel, byte[] bytes) throws InterruptedException {
        switch (channel) {
            case STDIN -> stdin.put(bytes);
            case RESIZE -> run.resize(bytes);
            case CLOSE -> {
                if (bytes.length == 1 && bytes[0] == STDIN) {
                    stdin.end();
                }
            }
            default -> LOG.debug("a message for channel {}, which no client writes", channel);
        }
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
        stdin.end();
        run.clientGone();
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.debug("{} broke off: {}", request.place(), cause.toString());
        stdin.end();
        run.clientGone();
    }
}
