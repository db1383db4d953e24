package dev.sampan.network.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RelayTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final Relay relay = new Relay(2);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        relay.close();
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    private interface Session {
        void serve(Socket socket) throws IOException;
    }

    private InetSocketAddress backend(Session session) throws IOException {
        var server = new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1"));
        open.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            session.serve(socket);
                        } catch (IOException clientWentAway) {
                            assertThat(clientWentAway).isNotNull();
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private static Session named(String name) {
        return socket -> socket.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Session echo() {
        return socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        };
    }

    private InetSocketAddress listen(@Nullable Duration affinity, InetSocketAddress... backends) throws IOException {
        var balancer = new EndpointBalancer(now::get);
        balancer.update(List.of(backends), affinity);
        return relay.listen(new InetSocketAddress("127.0.0.1", 0), balancer).address();
    }

    private static String ask(InetSocketAddress address) throws IOException {
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Nobody listens there: the port was free a moment ago. */
    private static InetSocketAddress dead() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return (InetSocketAddress) server.getLocalSocketAddress();
        }
    }

    @Test
    void takesBackendsInTurn() throws IOException {
        var address = listen(null, backend(named("a")), backend(named("b")));
        assertThat(List.of(ask(address), ask(address), ask(address), ask(address)))
                .containsExactly("a", "b", "a", "b");
    }

    @Test
    void aRefusingBackendIsReplacedUnnoticed() throws IOException {
        var address = listen(null, dead(), backend(named("alive")), dead());
        for (int i = 0; i < 10; i++) {
            assertThat(ask(address)).isEqualTo("alive");
        }
    }

    @Test
    void withoutAnyBackendTheConnectionIsReset() throws IOException {
        var address = listen(null, dead(), dead());
        assertThatThrownBy(() -> ask(address)).isInstanceOf(SocketException.class);
        await().until(() -> relay.connections() == 0);
    }

    @Test
    void clientsStayWithTheirBackendUntilTheTimeout() throws IOException {
        var address = listen(Duration.ofSeconds(60), backend(named("a")), backend(named("b")));
        String first = ask(address);
        for (int i = 0; i < 5; i++) {
            now.updateAndGet(t -> t.plusSeconds(59));
            assertThat(ask(address)).isEqualTo(first);
        }
        now.updateAndGet(t -> t.plusSeconds(61));
        assertThat(ask(address)).isNotEqualTo(first);
    }

    @Test
    void theEndOfARequestIsPassedOnWhileTheAnswerGoesOn() throws IOException {
        var address = listen(null, backend(socket -> {
            int count = socket.getInputStream().readAllBytes().length;
            socket.getOutputStream().write(("got " + count).getBytes(StandardCharsets.UTF_8));
        }));
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write(new byte[12_345]);
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("got 12345");
        }
        await().until(() -> relay.connections() == 0);
    }

    @Test
    void aSlowReceiverSlowsTheSender() throws Exception {
        var sent = new AtomicLong();
        var mayFinish = new CountDownLatch(1);
        long total = 64L << 20;
        var address = listen(null, backend(socket -> {
            byte[] chunk = new byte[64 * 1024];
            for (long left = total; left > 0; left -= chunk.length) {
                socket.getOutputStream().write(chunk);
                sent.addAndGet(chunk.length);
            }
            mayFinish.countDown();
        }));
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            InputStream in = socket.getInputStream();
            assertThat(in.read()).isZero();
            // The sender comes to a standstill with only the sockets' buffers full.
            var last = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(200)).until(() -> last.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(total / 2);
            assertThat(in.readAllBytes()).hasSize((int) total - 1);
            mayFinish.await();
        }
    }

    @Test
    void aBrokenBackendResetsTheClient() throws IOException {
        var address = listen(null, backend(socket -> {
            socket.getOutputStream().write('x');
            socket.setSoLinger(true, 0);
        }));
        assertThatThrownBy(() -> ask(address)).isInstanceOf(SocketException.class);
    }

    @Test
    void closingTheListenerLeavesConnectionsAlone() throws IOException {
        var balancer = new EndpointBalancer(now::get);
        balancer.update(List.of(backend(echo())), null);
        var listener = relay.listen(new InetSocketAddress("127.0.0.1", 0), balancer);
        var address = listener.address();
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write('a');
            assertThat(socket.getInputStream().read()).isEqualTo('a');
            listener.close();
            assertThatThrownBy(() -> ask(address)).hasMessageContaining("refused");
            socket.getOutputStream().write('b');
            assertThat(socket.getInputStream().read()).isEqualTo('b');
        }
        try (var again = relay.listen(address, balancer)) {
            assertThat(again.address()).isEqualTo(address);
        }
    }

    @Test
    void killingABackendUnderLoadFailsNoNewConnection() throws Exception {
        var survivor = backend(named("survivor"));
        var victim = new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1"));
        open.add(victim);
        var answered = new AtomicInteger();
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    try (Socket socket = victim.accept()) {
                        socket.getOutputStream().write("victim".getBytes(StandardCharsets.UTF_8));
                        if (answered.incrementAndGet() == 50) {
                            // From now on nobody accepts; what the system has queued is reset, as when a process dies.
                            return;
                        }
                    }
                }
            } catch (IOException closed) {
                assertThat(closed).isNotNull();
            }
        });
        var address = listen(null, (InetSocketAddress) victim.getLocalSocketAddress(), survivor);
        for (int i = 0; i < 100; i++) {
            if (answered.get() >= 50) {
                victim.close();
            }
            assertThat(ask(address)).isIn("victim", "survivor");
        }
        for (int i = 0; i < 20; i++) {
            assertThat(ask(address)).isEqualTo("survivor");
        }
    }

    @Test
    void carriesAThousandConnectionsAtOnceUnharmed() throws Exception {
        var address = listen(null, backend(echo()), backend(echo()));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> results = new ArrayList<>();
            var allOpen = new CountDownLatch(1000);
            for (int i = 0; i < 1000; i++) {
                int seed = i;
                Callable<Boolean> exchange = () -> exchange(address, seed, allOpen);
                results.add(threads.submit(exchange));
            }
            for (var result : results) {
                assertThat(result.get()).isTrue();
            }
        }
        await().until(() -> relay.connections() == 0);
    }

    private static boolean exchange(InetSocketAddress address, int seed, CountDownLatch allOpen) throws Exception {
        byte[] data = new byte[50_000 + seed];
        new Random(seed).nextBytes(data);
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            allOpen.countDown();
            allOpen.await();
            Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(data);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            return java.util.Arrays.equals(data, socket.getInputStream().readAllBytes());
        }
    }
}
