package dev.sampan.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceProxyTest {

    private final ClusterFixture cluster = new ClusterFixture();
    private final List<ServerSocket> servers = new ArrayList<>();
    private ServiceProxy proxy;

    @BeforeEach
    void open() {
        proxy = new ServiceProxy(
                cluster.proxyClient, cluster.proxyInformers, cluster.timers, ServiceProxyConfig.loopback("sampan"));
        proxy.start();
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        cluster.close();
        for (ServerSocket server : servers) {
            server.close();
        }
    }

    /** Says its name to whoever connects, then echoes. */
    private InetSocketAddress backend(String name) throws IOException {
        var server = new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1"));
        servers.add(server);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (IOException clientLeft) {
                            assertThat(clientLeft).isNotNull();
                        }
                    });
                }
            } catch (IOException closed) {
                assertThat(server.isClosed()).isTrue();
            }
        });
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private static String ask(InetSocketAddress address) throws IOException {
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            return line(socket);
        }
    }

    private static String line(Socket socket) throws IOException {
        var text = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c != '\n' && c >= 0;
                c = socket.getInputStream().read()) {
            text.append((char) c);
        }
        return text.toString();
    }

    /** Who answers two connections in a row. */
    private static Set<String> answers(InetSocketAddress address) throws IOException {
        return new HashSet<>(List.of(ask(address), ask(address)));
    }

    private void awaitListening(InetSocketAddress address) {
        await().until(() -> proxy.addresses("default", "web").contains(address));
    }

    private static InetSocketAddress clusterAddress(io.fabric8.kubernetes.api.model.Service service) {
        return new InetSocketAddress(
                service.getSpec().getClusterIP(),
                service.getSpec().getPorts().getFirst().getPort());
    }

    @Test
    void aServiceIsReachedAtItsAddressAndNodePort() throws Exception {
        var service = cluster.service(8501, "}]\n  type: NodePort\n  selector: {app: web}\n  externalIPs: [] #");
        cluster.endpoints(backend("a"), backend("b"));
        var address = clusterAddress(service);
        awaitListening(address);
        assertThat(address.getHostString()).startsWith("127.96.");
        await().until(() -> answers(address).size() == 2);
        var nodePort = new InetSocketAddress(
                "127.0.0.1", service.getSpec().getPorts().getFirst().getNodePort());
        assertThat(ask(nodePort)).isIn("a", "b");
    }

    @Test
    void theProxyFollowsEndpoints() throws Exception {
        var address = clusterAddress(cluster.service(9000, ""));
        assertThatThrownBy(() -> ask(address)).isInstanceOf(ConnectException.class);
        var a = backend("a");
        var b = backend("b");
        cluster.endpoints(a);
        awaitListening(address);
        assertThat(ask(address)).isEqualTo("a");
        cluster.endpoints(b);
        await().until(() -> ask(address).equals("b"));
        cluster.endpoints();
        await().until(() -> proxy.addresses("default", "web").isEmpty());
        assertThatThrownBy(() -> ask(address)).isInstanceOf(ConnectException.class);
    }

    @Test
    void aTerminatingEndpointKeepsItsConnectionsAndGetsNoNewOnes() throws Exception {
        var address = clusterAddress(cluster.service(9000, ""));
        var a = backend("a");
        var b = backend("b");
        cluster.endpoints(a);
        awaitListening(address);
        try (var old = new Socket(address.getAddress(), address.getPort())) {
            assertThat(line(old)).isEqualTo("a");
            cluster.endpoints(List.of(b), List.of(a));
            await().until(() -> answers(address).equals(Set.of("b")));
            old.getOutputStream().write("still\n".getBytes(StandardCharsets.UTF_8));
            assertThat(line(old)).isEqualTo("still");
        }
        cluster.endpoints(List.of(), List.of(a));
        await().until(() -> ask(address).equals("a"));
    }

    @Test
    void aDeletedServiceIsNoLongerListenedOn() throws Exception {
        var address = clusterAddress(cluster.service(9000, ""));
        cluster.endpoints(backend("a"));
        awaitListening(address);
        cluster.client.services().inNamespace("default").withName("web").delete();
        await().until(() -> proxy.addresses("default", "web").isEmpty());
        assertThatThrownBy(() -> ask(address)).isInstanceOf(ConnectException.class);
    }

    @Test
    void aPortThatIsTakenIsReportedAndOpenedLater() throws Exception {
        var service = cluster.service(9000, "");
        var address = clusterAddress(service);
        try (var other = new ServerSocket(9000, 1, address.getAddress())) {
            assertThat(other.isBound()).isTrue();
            cluster.endpoints(backend("a"));
            await().untilAsserted(() -> assertThat(cluster.events("web"))
                    .anyMatch(event -> event.startsWith("Warning PortNotAvailable: port http: cannot listen on "
                            + address.getHostString() + ":9000: another program has the port")));
        }
    }

    @Test
    void killingABackendUnderLoadFailsNoNewConnection() throws Exception {
        var address = clusterAddress(cluster.service(9000, ""));
        var a = backend("a");
        var b = backend("b");
        cluster.endpoints(a, b);
        awaitListening(address);
        var stop = new AtomicBoolean();
        var asked = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> failures = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Callable<Integer> load = () -> {
                    int failed = 0;
                    while (!stop.get()) {
                        failed += ask(address).isEmpty() ? 1 : 0;
                        asked.incrementAndGet();
                    }
                    return failed;
                };
                failures.add(threads.submit(load));
            }
            try {
                await().until(() -> asked.get() > 200);
                // Graceful: first out of the endpoints, then gone; the proxy never needs to know in time.
                cluster.endpoints(List.of(b), List.of(a));
                await().until(() -> answers(address).equals(Set.of("b")));
                servers.getFirst().close();
                int then = asked.get();
                await().until(() -> asked.get() > then + 200);
            } finally {
                stop.set(true);
            }
            for (var failed : failures) {
                assertThat(failed.get()).isZero();
            }
        }
    }
}
