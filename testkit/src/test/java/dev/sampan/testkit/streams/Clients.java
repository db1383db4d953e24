package dev.sampan.testkit.streams;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.testkit.Kubectl;
import dev.sampan.testkit.TestCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The kubectls whose streams differ: SPDY only, WebSockets for commands, WebSockets for all, and the newest told to use SPDY. */
final class Clients {

    private static final Map<String, String> SPDY =
            Map.of("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS", "false");

    private Clients() {}

    /** A kubectl that has yet to be told its cluster. */
    record Client(Path binary, Map<String, String> environment) {

        Kubectl to(TestCluster cluster) {
            var kubectl = Kubectl.of(binary, cluster.kubeconfig());
            for (var variable : environment.entrySet()) {
                kubectl = kubectl.withEnvironment(variable.getKey(), variable.getValue());
            }
            return kubectl;
        }

        @Override
        public String toString() {
            return binary.getFileName() + (environment.isEmpty() ? "" : " over SPDY");
        }
    }

    static List<Client> all() {
        var binaries = Kubectl.find("1.27", "1.30", "1.33");
        assumeThat(binaries).as("kubectl on the PATH").isNotEmpty();
        return Stream.concat(
                        binaries.stream().map(binary -> new Client(binary, Map.of())),
                        binaries.stream().skip(binaries.size() - 1L).map(binary -> new Client(binary, SPDY)))
                .toList();
    }

    /** The newest as it is. */
    static Client newest() {
        return all().stream()
                .filter(client -> client.environment().isEmpty())
                .toList()
                .getLast();
    }
}
