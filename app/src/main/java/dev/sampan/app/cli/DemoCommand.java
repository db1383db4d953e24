package dev.sampan.app.cli;

import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.Ports;
import dev.sampan.app.cluster.RunningServer;
import dev.sampan.app.cluster.ServerProcess;
import dev.sampan.app.demo.DigitsTour;
import dev.sampan.app.demo.Tour;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Show the whole road: start a cluster, train a digit classifier with two workers, convert and evaluate it, "
                    + "serve it, and break things while it answers.",
            "Uses the files of examples/digits and prints the kubectl command for each step."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Mixin
    private PortOptions ports = new PortOptions();

    @Option(names = "--keep", description = "Leave the cluster running at the end.")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        long began = System.nanoTime();
        var folder = home.home();
        var tour = new Tour(
                System.out, System.console() != null && System.console().isTerminal());
        tour.step("Start a cluster");
        tour.command("./sampan up");
        var server = RunningServer.find(folder).orElse(null);
        if (server == null) {
            server = UpCommand.start(folder, ports.choose(folder), List.of());
            tour.say("API server, scheduler, controllers, node, service proxy and ingress ready in %.2f s"
                    .formatted(server.readyMillis() / 1000.0));
        } else {
            tour.say("A cluster runs already (pid %d); the tour uses it".formatted(server.pid()));
        }
        UpCommand.mergeKubeconfig(folder, false);
        var process = new ServerProcess(folder, JavaLauncher.ofThisProcess());
        new DigitsTour(folder, example(), tour, () -> restart(folder, process)).run(server);
        farewell(tour, process, (System.nanoTime() - began) / 1e9);
        return 0;
    }

    private RunningServer restart(Home folder, ServerProcess process) throws Exception {
        process.kill();
        // The very ports it had, also where any free ones were asked for.
        return UpCommand.start(folder, Ports.remembered(folder), List.of());
    }

    private void farewell(Tour tour, ServerProcess process, double seconds) throws Exception {
        tour.step("Done in %.0f s. Try next:".formatted(seconds));
        tour.command("kubectl get pods,services,ingresses -n digits");
        tour.command("kubectl describe tfjob digits-train -n digits");
        tour.command("kubectl logs -f -n digits deployment/digits");
        tour.command("kubectl scale deployment/digits -n digits --replicas=3");
        tour.command("kubectl port-forward -n digits service/digits 8501:8501");
        if (keep) {
            tour.say("The cluster goes on running; ./sampan down stops it.");
        } else {
            process.stop();
            tour.say(
                    "The cluster is stopped now; ./sampan up brings it back with everything in it (--keep leaves it running).");
        }
    }

    private static Path example() {
        var root = System.getenv("SAMPAN_ROOT");
        var folder = Path.of(root == null ? "." : root, "examples", "digits");
        if (!Files.isDirectory(folder)) {
            throw new UserError("The example's files are not at " + folder
                    + ". Run ./sampan demo from a checkout, or set SAMPAN_ROOT to one.");
        }
        return folder;
    }
}
