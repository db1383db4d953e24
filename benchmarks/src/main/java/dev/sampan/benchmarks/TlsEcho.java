package dev.sampan.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The least that an exchange over TLS costs: takes so many bytes, answers so many. A question begins with two numbers: how many
 * bytes follow, and how many are wanted.
 */
final class TlsEcho implements AutoCloseable {

    private final SSLServerSocket server;

    private TlsEcho(SSLServerSocket server) {
        this.server = server;
    }

    static TlsEcho listen(SSLContext tls) throws IOException {
        var server = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 128, InetAddress.getLoopbackAddress());
        var echo = new TlsEcho(server);
        var unused = Thread.ofVirtual().start(echo::accept);
        return echo;
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var socket = (SSLSocket) server.accept();
                var unused = Thread.ofVirtual().start(() -> answer(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 15));
            while (true) {
                int asked = in.readInt();
                var answer = new byte[in.readInt()];
                in.skipNBytes(asked);
                socket.getOutputStream().write(answer);
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** One client's connection: asks the same again and again. */
    static final class Client implements AutoCloseable {
        private final SSLSocket socket;
        private final byte[] question;
        private final int wanted;

        Client(SSLContext tls, int port, int sent, int wanted) throws IOException {
            this.socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
            this.socket.setTcpNoDelay(true);
            this.wanted = wanted;
            this.question = ByteBuffer.allocate(2 * Integer.BYTES + sent)
                    .putInt(sent)
                    .putInt(wanted)
                    .array();
        }

        void call() throws IOException {
            socket.getOutputStream().write(question);
            socket.getInputStream().skipNBytes(wanted);
        }

        /** Asks so many times without waiting in between, then waits for all answers. */
        void stream(int times) throws IOException, InterruptedException {
            var questions = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < times; i++) {
                        socket.getOutputStream().write(question);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            socket.getInputStream().skipNBytes((long) times * wanted);
            questions.join();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
