package dev.sampan.network.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other name servers about names that are not the cluster's. */
final class Forwarder {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(2).toMillis();
    private static final int LARGEST = 65_535;

    private final List<InetSocketAddress> servers;

    Forwarder(List<InetSocketAddress> servers) {
        this.servers = List.copyOf(servers);
    }

    boolean isEmpty() {
        return servers.isEmpty();
    }

    /** Sends the query as it is to one server after the other. @return null when none answers */
    byte @Nullable [] ask(byte[] query, boolean udp) {
        for (InetSocketAddress server : servers) {
            try {
                return udp ? askByUdp(query, server) : askByTcp(query, server);
            } catch (IOException e) {
                LOG.debug("name server {}: {}", server, e.toString());
            }
        }
        return null;
    }

    private static byte[] askByUdp(byte[] query, InetSocketAddress server) throws IOException {
        try (var socket = new DatagramSocket()) {
            // A connected socket takes answers of that server only.
            socket.connect(server);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.send(new DatagramPacket(query, query.length));
            var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
            do {
                socket.receive(packet);
            } while (packet.getLength() < 2 || packet.getData()[0] != query[0] || packet.getData()[1] != query[1]);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }
    }

    private static byte[] askByTcp(byte[] query, InetSocketAddress server) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(server, TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            return in.readNBytes(in.readUnsignedShort());
        }
    }
}
