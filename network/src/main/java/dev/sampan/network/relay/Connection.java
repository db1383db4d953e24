package dev.sampan.network.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection and the one to its backend. Nothing is read from the client before a backend has accepted, so a
 * refusal only means that the next backend is asked. Owned by one event loop.
 */
final class Connection {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final EventLoop loop;
    private final SocketChannel client;
    private final Balancer balancer;
    private final Runnable onEnd;
    private final Set<InetSocketAddress> failed = new HashSet<>();
    private @Nullable SocketChannel backend;
    private @Nullable Pipe request;
    private @Nullable Pipe response;
    private boolean ended;

    /** @param onEnd called once, on the loop's thread, when both sides are closed */
    Connection(EventLoop loop, SocketChannel client, Balancer balancer, Runnable onEnd) {
        this.loop = loop;
        this.client = client;
        this.balancer = balancer;
        this.onEnd = onEnd;
    }

    /** Looks for a backend; called on the loop's thread. */
    void open() {
        try {
            var from = (InetSocketAddress) client.getRemoteAddress();
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            connectNext(from);
        } catch (IOException e) {
            LOG.debug("connection lost before it was relayed: {}", e.toString());
            abort();
        }
    }

    private void connectNext(InetSocketAddress from) {
        for (var next = balancer.choose(from.getAddress(), failed);
                next != null;
                next = balancer.choose(from.getAddress(), failed)) {
            if (connect(next, from)) {
                return;
            }
            failed.add(next);
        }
        LOG.debug("no backend accepts the connection from {}; refused: {}", from, failed);
        abort();
    }

    /** @return false when the backend refused at once */
    private boolean connect(InetSocketAddress address, InetSocketAddress from) {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            boolean done = channel.connect(address);
            SocketChannel pending = channel;
            SelectionKey key =
                    loop.register(channel, SelectionKey.OP_CONNECT, k -> finishConnect(k, pending, address, from));
            backend = channel;
            if (done) {
                connected(key);
            } else {
                loop.after(CONNECT_TIMEOUT, () -> giveUp(pending, address, from));
            }
            return true;
        } catch (IOException e) {
            LOG.debug("backend {} refused: {}", address, e.toString());
            if (channel != null) {
                EventLoop.closeQuietly(channel);
            }
            return false;
        }
    }

    private void finishConnect(
            SelectionKey key, SocketChannel channel, InetSocketAddress address, InetSocketAddress from) {
        try {
            if (channel.finishConnect()) {
                connected(key);
            }
        } catch (IOException e) {
            tryAnother(channel, address, from, e.toString());
        }
    }

    private void giveUp(SocketChannel channel, InetSocketAddress address, InetSocketAddress from) {
        if (channel.isOpen() && !channel.isConnected()) {
            tryAnother(channel, address, from, "no answer within " + CONNECT_TIMEOUT);
        }
    }

    private void tryAnother(SocketChannel channel, InetSocketAddress address, InetSocketAddress from, String reason) {
        LOG.debug("backend {} refused: {}", address, reason);
        EventLoop.closeQuietly(channel);
        failed.add(address);
        connectNext(from);
    }

    private void connected(SelectionKey backendKey) throws IOException {
        SelectionKey clientKey = loop.register(client, SelectionKey.OP_READ, this::clientReady);
        backendKey.attach((EventLoop.Ready) this::backendReady);
        backendKey.interestOps(SelectionKey.OP_READ);
        request = new Pipe(clientKey, backendKey);
        response = new Pipe(backendKey, clientKey);
    }

    private void clientReady(SelectionKey key) {
        step(key, request, response);
    }

    private void backendReady(SelectionKey key) {
        step(key, response, request);
    }

    private void step(SelectionKey key, @Nullable Pipe outward, @Nullable Pipe inward) {
        if (outward == null || inward == null) {
            return;
        }
        try {
            if (key.isWritable()) {
                inward.drain();
            }
            if (key.isReadable()) {
                outward.transfer(loop.buffer());
            }
            if (outward.finished() && inward.finished()) {
                end();
            }
        } catch (IOException e) {
            LOG.debug("connection broke: {}", e.toString());
            abort();
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            EventLoop.closeQuietly(client);
            if (backend != null) {
                EventLoop.closeQuietly(backend);
            }
            onEnd.run();
        }
    }

    /** Closes both sides with a reset, so that neither takes a broken stream for a complete one. */
    private void abort() {
        reset(client);
        if (backend != null) {
            reset(backend);
        }
        end();
    }

    private static void reset(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException closedAlready) {
            LOG.trace("closed already", closedAlready);
        }
    }
}
