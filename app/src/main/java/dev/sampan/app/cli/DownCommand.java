package dev.sampan.app.cli;

import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.LeftPods;
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
        var folder = home.home();
        if (new ServerProcess(folder, JavaLauncher.ofThisProcess()).stop()) {
            System.out.println("Stopped.");
            return 0;
        }
        System.out.println("No cluster runs in " + folder.root() + ".");
        int left = LeftPods.stop(folder);
        if (left > 0) {
            System.out.println("Stopped " + left + " containers that a killed server had left.");
        }
        return 0;
    }
}
