package dev.sampan.network.dns;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for DNS queries over UDP and TCP on one address. */
public final class DnsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
    private static final int LARGEST = 65_535;
    private static final int ATTEMPTS_FOR_ANY_PORT = 20;
    private static final int QUERIES_AT_ONCE = 1000;
    private static final int IDLE_MILLIS = (int) Duration.ofSeconds(10).toMillis();

    private final DnsResponder responder;
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Semaphore atOnce = new Semaphore(QUERIES_AT_ONCE);
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /**
     * Opens both sockets.
     *
     * @param address port 0 for any that is free
     * @param elsewhere name servers for names that are not the cluster's; empty refuses them
     * @throws IOException when the address cannot be bound, saying what to do
     */
    public DnsServer(
            InetSocketAddress address, ClusterZone zone, List<InetSocketAddress> elsewhere, RandomGenerator random)
            throws IOException {
        this.responder = new DnsResponder(zone, new Forwarder(elsewhere), random);
        ServerSocket listener = null;
        DatagramSocket datagrams = null;
        for (int i = 0; datagrams == null; i++) {
            try {
                listener = new ServerSocket(address.getPort(), 50, address.getAddress());
                datagrams = new DatagramSocket(new InetSocketAddress(address.getAddress(), listener.getLocalPort()));
            } catch (IOException e) {
                if (listener != null) {
                    listener.close();
                }
                // The same number may be taken for the other protocol.
                if (address.getPort() != 0 || i >= ATTEMPTS_FOR_ANY_PORT) {
                    throw new IOException(explain(address, e), e);
                }
            }
        }
        this.tcp = Objects.requireNonNull(listener);
        this.udp = datagrams;
    }

    private static String explain(InetSocketAddress address, IOException failure) {
        String where = address.getHostString() + ":" + address.getPort();
        return failure instanceof BindException
                        && String.valueOf(failure.getMessage()).contains("Permission denied")
                ? ("the DNS server cannot listen on %s: ports below 1024 need a privilege. Choose a higher port, or allow "
                                + "them with 'sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%d'")
                        .formatted(where, address.getPort())
                : "the DNS server cannot listen on %s: %s".formatted(where, failure.getMessage());
    }

    /** Starts to answer. */
    public void start() {
        Thread.ofVirtual().name("dns-udp").start(this::serveUdp);
        Thread.ofVirtual().name("dns-tcp").start(this::serveTcp);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) tcp.getLocalSocketAddress();
    }

    private void serveUdp() {
        var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
        while (!udp.isClosed()) {
            try {
                packet.setLength(LARGEST);
                udp.receive(packet);
                byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
                SocketAddress client = packet.getSocketAddress();
                // A query beyond the limit is dropped: its client asks again.
                if (atOnce.tryAcquire()) {
                    Thread.ofVirtual().name("dns-query").start(() -> answerUdp(query, client));
                }
            } catch (IOException e) {
                if (!udp.isClosed()) {
                    LOG.warn("DNS over UDP: {}", e.toString());
                }
            }
        }
    }

    private void answerUdp(byte[] query, SocketAddress client) {
        try {
            byte[] answer = responder.respond(query, true);
            if (answer != null) {
                udp.send(new DatagramPacket(answer, answer.length, client));
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("DNS query of {}: {}", client, e.toString());
        } finally {
            atOnce.release();
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try {
                Socket socket = tcp.accept();
                connections.add(socket);
                Thread.ofVirtual().name("dns-connection").start(() -> serve(socket));
            } catch (IOException e) {
                if (!tcp.isClosed()) {
                    LOG.warn("DNS over TCP: {}", e.toString());
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(IDLE_MILLIS);
            var in = new DataInputStream(socket.getInputStream());
            var out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            while (true) {
                byte[] answer = responder.respond(in.readNBytes(in.readUnsignedShort()), false);
                if (answer == null) {
                    return;
                }
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (EOFException | SocketTimeoutException clientIsDone) {
            LOG.trace("DNS connection ended", clientIsDone);
        } catch (IOException | RuntimeException e) {
            LOG.debug("DNS over TCP: {}", e.toString());
        } finally {
            connections.remove(socket);
        }
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
            for (Socket connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            LOG.debug("closing the DNS server: {}", e.toString());
        }
    }
}
