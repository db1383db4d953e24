package dev.sampan.node.server;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Port-forward by channels, as the Java and Python clients do it: the n-th port has channel 2n for its data and 2n+1 for its error, the first
 * message on each is the port as two bytes, the low one first. One connection a port; the WebSocket ends with the last of them.
 */
public final class ChannelPortForward implements Session.Listener.AutoDemanding {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelPortForward.class);

    private final Dialer dialer;
    private final List<Integer> ports;
    private final List<ByteQueue> inputs;

    ChannelPortForward(Dialer dialer, List<Integer> ports) {
        this.dialer = dialer;
        this.ports = List.copyOf(ports);
        this.inputs = Stream.generate(ByteQueue::new).limit(ports.size()).toList();
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        Thread.ofVirtual().name("port-forward " + ports).start(() -> run(new Messages(socket)));
    }

    private void run(Messages messages) {
        try {
            var threads = new java.util.ArrayList<Thread>();
            for (int i = 0; i < ports.size(); i++) {
                var data = announced(messages, 2 * i, ports.get(i));
                var error = announced(messages, 2 * i + 1, ports.get(i));
                var connection = new ForwardedConnection(dialer, ports.get(i));
                var input = inputs.get(i);
                threads.add(Thread.ofVirtual().start(() -> connection.run(input, data, error)));
            }
            for (var thread : threads) {
                thread.join();
            }
        } catch (java.io.IOException e) {
            LOG.debug("the client of a port-forward is gone: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            messages.close();
        }
    }

    private static OutputStream announced(Messages messages, int channel, int port) throws java.io.IOException {
        var stream = messages.channel(channel);
        stream.write(ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) port)
                .array());
        return stream;
    }

    @Override
    public void onWebSocketBinary(ByteBuffer message, Callback callback) {
        try {
            int channel = message.hasRemaining() ? message.get() & 0xff : 1;
            if (channel % 2 == 0 && channel / 2 < inputs.size()) {
                var bytes = new byte[message.remaining()];
                message.get(bytes);
                inputs.get(channel / 2).put(bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        callback.succeed();
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
        inputs.forEach(ByteQueue::close);
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.debug("a port-forward broke off: {}", cause.toString());
        inputs.forEach(ByteQueue::close);
    }
}
