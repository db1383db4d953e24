package dev.sampan.app.cli;

import dev.sampan.app.cluster.Cluster;
import dev.sampan.app.cluster.JavaLauncher;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "server",
        description =
                "Run a cluster in the foreground until it is told to stop (SIGTERM). 'sampan up' starts this in the background.",
        mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Mixin
    private PortOptions ports = new PortOptions();

    @Override
    public Integer call() throws Exception {
        var folder = home.home();
        folder.create();
        var asked = ports.choose(folder);
        asked.remember(folder);
        var stopped = new CountDownLatch(1);
        try (var cluster = Cluster.start(folder, asked, JavaLauncher.ofThisProcess())) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster, stopped), "shutdown"));
            cluster.announce();
            stopped.await();
        } catch (IOException e) {
            throw new UserError(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        return 0;
    }
}
