package dev.sampan.app.cli;

import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.RunningServer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description = "Tell whether the cluster runs and is healthy. Exits with 0 when it does, 7 when it is stopped.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    private static final int STOPPED = 7;
    private static final int UNHEALTHY = 4;

    @Mixin
    private HomeOption home = new HomeOption();

    @Override
    public Integer call() throws Exception {
        var folder = home.home();
        var running = RunningServer.find(folder);
        if (running.isEmpty()) {
            System.out.printf("sampan%nserver: Stopped%nhome: %s%n", folder.root());
            return STOPPED;
        }
        var server = running.get();
        System.out.printf(
                "sampan%nserver: Running (pid %d, since %s)%napiserver: %s%n%skubeconfig: %s%nhome: %s%n",
                server.pid(),
                server.startedAt(),
                server.apiServer(),
                server.ingress().isEmpty() ? "" : "ingress: %s%n".formatted(server.ingress()),
                folder.kubeconfig(),
                folder.root());
        try (var client = AdminClient.open(folder)) {
            var nodes = client.nodes().list().getItems();
            nodes.forEach(node -> System.out.printf(
                    "node %s: %s%n", node.getMetadata().getName(), ready(node) ? "Ready" : "NotReady"));
            return nodes.stream().allMatch(StatusCommand::ready) ? 0 : UNHEALTHY;
        } catch (KubernetesClientException e) {
            System.out.println("The API server does not answer: " + e.getMessage());
            return UNHEALTHY;
        }
    }

    private static boolean ready(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }
}
