package dev.sampan.app.cli;

import dev.sampan.app.cluster.Cluster;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "server",
        description = {
            "Run a cluster in the foreground until it is told to stop (SIGTERM, Ctrl-C).",
            "'sampan up' runs this in the background."
        },
        mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private ApiServerOptions apiServer = new ApiServerOptions();

    @Override
    public Integer call() throws Exception {
        var folder = home.home();
        folder.create();
        var chosen = ports.choose(folder);
        var flags = apiServer.choose(folder);
        var asked = new CountDownLatch(1);
        try (var cluster = Cluster.start(folder, chosen, flags, JavaLauncher.ofThisProcess())) {
            chosen.remember(folder);
            flags.remember(folder);
            // The hook keeps the process alive until everything is stopped, whoever asked for it.
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                asked.countDown();
                cluster.close();
            }));
            cluster.announce();
            asked.await();
        } catch (IOException | UncheckedIOException | IllegalArgumentException | StoreException e) {
            throw new UserError(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        return 0;
    }
}
