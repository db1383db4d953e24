package dev.sampan.network.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, and carries what comes to the backends that a {@link Balancer} chooses. Safe for several threads. */
public final class Relay implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BACKLOG = 1024;

    private final List<EventLoop> loops = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    /** @param threads event loops; two carry several gigabytes a second */
    public Relay(int threads) {
        for (int i = 0; i < threads; i++) {
            loops.add(new EventLoop("relay-" + i));
        }
        loops.forEach(EventLoop::start);
    }

    /** A socket that is listened on until it is closed; connections that it accepted go on. */
    public final class Listener implements AutoCloseable {

        private final ServerSocketChannel channel;
        private final EventLoop loop;

        private Listener(ServerSocketChannel channel, EventLoop loop) {
            this.channel = channel;
            this.loop = loop;
        }

        /** The address that it is bound to, with the port that the system chose if it was asked for 0. */
        public InetSocketAddress address() {
            return (InetSocketAddress) channel.socket().getLocalSocketAddress();
        }

        /** Returns once the port is free. */
        @Override
        public void close() {
            loop.executeAndWait(() -> EventLoop.closeQuietly(channel));
            // A closed channel gives its port back when its key is dropped, which the next round of the loop does.
            loop.executeAndWait(() -> {});
        }
    }

    /**
     * Starts to listen.
     *
     * @throws IOException when the address cannot be bound
     */
    public Listener listen(InetSocketAddress address, Balancer balancer) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            channel.configureBlocking(false);
        } catch (IOException e) {
            EventLoop.closeQuietly(channel);
            throw e;
        }
        EventLoop loop = nextLoop();
        loop.execute(() -> {
            try {
                loop.register(channel, SelectionKey.OP_ACCEPT, key -> accept(channel, balancer));
            } catch (IOException e) {
                LOG.error("cannot listen on {}", address, e);
            }
        });
        return new Listener(channel, loop);
    }

    private EventLoop nextLoop() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    private void accept(ServerSocketChannel listener, Balancer balancer) {
        try {
            for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
                client.configureBlocking(false);
                SocketChannel accepted = client;
                EventLoop loop = nextLoop();
                open.incrementAndGet();
                loop.execute(() -> new Connection(loop, accepted, balancer, open::decrementAndGet).open());
            }
        } catch (IOException e) {
            if (listener.isOpen()) {
                LOG.warn("cannot accept a connection on {}: {}", listener, e.toString());
            }
        }
    }

    /** Connections that are open now. */
    public int connections() {
        return open.get();
    }

    /** Closes everything, connections included. */
    @Override
    public void close() {
        loops.forEach(EventLoop::close);
    }
}
