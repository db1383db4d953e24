package dev.sampan.app.cli;

import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.ServerProcess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "down",
        description = "Stop the cluster and its pods. Its objects stay on disk; 'sampan up' brings them back.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Override
    public Integer call() throws Exception {
        var stopped = new ServerProcess(home.home(), JavaLauncher.ofThisProcess()).stop();
        System.out.println(
                stopped ? "Stopped." : "No cluster runs in " + home.home().root() + ".");
        return 0;
    }
}
