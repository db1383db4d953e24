package dev.sampan.app.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * The part of the loopback network that one cluster has for itself, so that clusters run side by side on one machine. Network
 * number n has its pods in 127.(10+n).0.0/16 and its Services in 127.(96+n).0.0/16. A socket that nobody speaks to is the
 * claim: the system gives it back even after a crash, and it holds against other users too.
 */
final class Network implements AutoCloseable {

    private static final int COUNT = 86;
    private static final int FIRST_OF_PODS = 10;
    private static final int FIRST_OF_SERVICES = 96;
    private static final int CLAIM_PORT = 61096;

    private final int number;
    private final ServerSocket claim;

    private Network(int number, ServerSocket claim) {
        this.number = number;
        this.claim = claim;
    }

    /**
     * The network that this home always has; at its first start one that is free, which the user's own cluster is asked for
     * last by others.
     *
     * @throws IOException when a running cluster has it; the message says what to do
     */
    static Network claim(Home home) throws IOException {
        if (Files.exists(home.network()) || Files.exists(home.state())) {
            int number = remembered(home);
            var network = claim(number);
            if (network == null) {
                throw new IOException("Another cluster on this machine uses the addresses of this one, 127."
                        + (FIRST_OF_SERVICES + number) + ".0.0/16. Stop it with 'sampan down --home FOLDER'.");
            }
            return network;
        }
        int first = home.isOfUser() ? 0 : 1 + Math.floorMod(home.root().hashCode(), COUNT - 1);
        for (int i = 0; i < COUNT; i++) {
            var network = claim((first + i) % COUNT);
            if (network != null) {
                Files.writeString(home.network(), network.number + "\n");
                return network;
            }
        }
        throw new IOException(COUNT + " clusters run on this machine: stop one with 'sampan down --home FOLDER'.");
    }

    private static int remembered(Home home) throws IOException {
        if (!Files.exists(home.network())) {
            return 0; // made before clusters had networks of their own
        }
        try {
            return Math.floorMod(
                    Integer.parseInt(Files.readString(home.network()).strip()), COUNT);
        } catch (NumberFormatException e) {
            throw new FileSystemException(
                    home.network().toString(),
                    null,
                    "it is damaged; write into it the second number of its Services'"
                            + " addresses ('kubectl get service kubernetes') less " + FIRST_OF_SERVICES);
        }
    }

    private static @Nullable Network claim(int number) throws IOException {
        var address = InetAddress.ofLiteral("127." + (FIRST_OF_SERVICES + number) + ".0.0");
        try {
            return new Network(number, new ServerSocket(CLAIM_PORT, 1, address));
        } catch (BindException e) {
            return null;
        }
    }

    /** First two numbers of the pods' addresses. */
    String pods() {
        return "127." + (FIRST_OF_PODS + number);
    }

    /** Range of the Services' addresses. */
    String services() {
        return "127." + (FIRST_OF_SERVICES + number) + ".0.0/16";
    }

    @Override
    public void close() throws IOException {
        claim.close();
    }
}
