package dev.sampan.app.cli;

import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.Ports;
import dev.sampan.app.cluster.RunningServer;
import dev.sampan.app.cluster.ServerProcess;
import dev.sampan.app.cluster.UserKubeconfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = {
            "Start a cluster in the background and point kubectl at it.",
            "A cluster that was stopped before comes back with all its objects."
        },
        footer = {"", "Example:  sampan up && kubectl get nodes"},
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private ApiServerOptions apiServer = new ApiServerOptions();

    @Option(
            names = "--keep-context",
            description =
                    "Leave your kubeconfig's current context as it is; the context 'sampan' is added all the same.")
    private boolean keepContext;

    @Override
    public Integer call() throws Exception {
        var folder = home.home();
        var running = RunningServer.find(folder);
        if (running.isPresent()) {
            System.out.printf("Already running (pid %d) in %s.%n", running.get().pid(), folder.root());
            mergeKubeconfig(folder, keepContext);
            if (!apiServer.given().isEmpty()) {
                throw new UserError(String.join(", ", apiServer.given().keySet())
                        + ": not applied, because the cluster runs. Stop it with 'sampan down' first.");
            }
            return 0;
        }
        var server = start(folder, ports.choose(folder), apiServer.arguments());
        System.out.printf("Cluster ready in %.2f s: %s%n", server.readyMillis() / 1000.0, server.apiServer());
        if (!server.ingress().isEmpty()) {
            System.out.printf("Ingress at %s%n", server.ingress());
        }
        mergeKubeconfig(folder, keepContext);
        System.out.println("Try: kubectl get nodes");
        return 0;
    }

    static RunningServer start(Home home, Ports ports, List<String> apiServerFlags) throws Exception {
        var arguments = new ArrayList<>(PortOptions.arguments(ports));
        arguments.addAll(apiServerFlags);
        try {
            return new ServerProcess(home, JavaLauncher.ofThisProcess()).start(arguments, System.out::println);
        } catch (ServerProcess.StartFailed e) {
            throw new UserError("The cluster did not start.\n" + e.getMessage());
        }
    }

    static void mergeKubeconfig(Home home, boolean keepContext) throws Exception {
        var merged = UserKubeconfig.ofThisUser().merge(home.kubeconfig(), !keepContext);
        System.out.printf(
                "kubectl context '%s' is in %s%s%n",
                UserKubeconfig.CONTEXT, merged, keepContext ? "" : " and is the current one");
    }
}
