package dev.sampan.testkit.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SampanCluster
class PortForwardTest {

    private static final int CONNECTIONS = 40;
    private static final int LARGE = 10 << 20;
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> \\d+");

    private final TestCluster cluster;

    PortForwardTest(TestCluster cluster) {
        this.cluster = cluster;
    }

    static List<Clients.Client> clients() {
        return Clients.all();
    }

    @BeforeAll
    static void startEcho(TestCluster cluster, @TempDir Path folder) throws IOException {
        var source = folder.resolve("Echo.java");
        try (var in = PortForwardTest.class.getResourceAsStream("Echo.java")) {
            Files.copy(java.util.Objects.requireNonNull(in), source);
        }
        var kubectl = Clients.newest().to(cluster);
        kubectl.run("create", "configmap", "echo", "--from-file=" + source).orThrow();
        kubectl.runWithInput("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: echo, labels: {app: echo}}
                        spec:
                          containers:
                          - name: main
                            image: busybox
                            command: ['%s/bin/java', /echo/Echo.java]
                            readinessProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}
                            volumeMounts: [{name: echo, mountPath: /echo}]
                          volumes: [{name: echo, configMap: {name: echo}}]
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: echo}
                        spec: {selector: {app: echo}, ports: [{port: 80, targetPort: 7000}]}
                        """.formatted(System.getProperty("java.home")), "apply", "-f", "-")
                .orThrow();
        kubectl.run("wait", "pod/echo", "--for=condition=Ready", "--timeout=60s")
                .orThrow();
    }

    /** A running {@code kubectl port-forward}. */
    private record Forward(Process process, int port) implements AutoCloseable {

        static Forward start(Kubectl kubectl, String target, String ports) throws IOException {
            var process = kubectl.start("port-forward", target, ports);
            var line = process.inputReader().readLine();
            if (line == null) {
                throw new AssertionError(
                        new String(process.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            }
            var matcher = FORWARDING.matcher(line);
            assertThat(matcher.find()).as(line).isTrue();
            return new Forward(process, Integer.parseInt(matcher.group(1)));
        }

        byte[] exchange(byte[] data) throws IOException {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                Thread.ofVirtual().start(() -> {
                    try {
                        socket.getOutputStream().write(data);
                        socket.shutdownOutput();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                return socket.getInputStream().readNBytes(data.length);
            }
        }

        /** Connects and says something that nobody will hear. */
        void knock() throws IOException {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(1);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static byte[] random(int seed, int size) {
        var data = new byte[size];
        new Random(seed).nextBytes(data);
        return data;
    }

    @ParameterizedTest
    @MethodSource("clients")
    void carriesLargeDataIntact(Clients.Client client) throws Exception {
        try (var forward = Forward.start(client.to(cluster), "pod/echo", ":7000")) {
            var data = random(1, LARGE);

            assertThat(forward.exchange(data)).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void carriesManyConnectionsAtOnce(Clients.Client client) throws Exception {
        try (var forward = Forward.start(client.to(cluster), "svc/echo", ":80");
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < CONNECTIONS; i++) {
                var data = random(i, 100_000 + i);
                calls.add(() -> java.util.Arrays.equals(forward.exchange(data), data));
            }

            for (var answer : executor.invokeAll(calls)) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void anIdleConnectionDoesNotHoldUpTheOthers(Clients.Client client) throws Exception {
        try (var forward = Forward.start(client.to(cluster), "pod/echo", ":7000");
                var idle = new Socket(InetAddress.getLoopbackAddress(), forward.port())) {
            idle.getOutputStream().write('x');
            assertThat(idle.getInputStream().read()).isEqualTo('x');

            assertThat(forward.exchange(random(2, 5000))).isEqualTo(random(2, 5000));

            idle.getOutputStream().write('y');
            assertThat(idle.getInputStream().read()).isEqualTo('y');
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void saysThatNobodyListens(Clients.Client client) throws Exception {
        try (var forward = Forward.start(client.to(cluster), "pod/echo", ":7001")) {
            forward.knock();

            assertThat(forward.process().errorReader().readLine())
                    .contains("an error occurred forwarding " + forward.port()
                            + " -> 7001: error forwarding port 7001 to pod echo")
                    .contains("onnection refused");
        }
    }
}
