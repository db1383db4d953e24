package dev.sampan.app.cli;

import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.LeftPods;
import dev.sampan.app.cluster.ServerProcess;
import dev.sampan.app.cluster.UserKubeconfig;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "delete",
        description = "Stop the cluster and delete everything it has: objects, volumes, images and logs.",
        footer = {"", "Example:  sampan delete --home /tmp/rehearsal"},
        mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Override
    public Integer call() throws Exception {
        var folder = home.home();
        if (!Files.exists(folder.settings())) {
            throw new UserError("There is no cluster in " + folder.root() + ".");
        }
        new ServerProcess(folder, JavaLauncher.ofThisProcess()).stop();
        LeftPods.stop(folder);
        UserKubeconfig.ofThisUser().remove(folder.kubeconfig());
        folder.delete();
        System.out.println("Deleted the cluster in " + folder.root() + ".");
        return 0;
    }
}
