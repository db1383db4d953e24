package dev.sampan.app.cli;

import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "kubeconfig",
        description = {
            "Print the administrator's kubeconfig of this cluster.",
            "'sampan up' has merged it into yours already, as context 'sampan'."
        },
        footer = {"", "Example:  export KUBECONFIG=$(sampan kubeconfig --path)"},
        mixinStandardHelpOptions = true)
final class KubeconfigCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Option(names = "--path", description = "Print the file's path instead of its content.")
    private boolean path;

    @Override
    public Integer call() throws Exception {
        var file = home.home().kubeconfig();
        if (!Files.exists(file)) {
            throw new UserError("There is no cluster in " + home.home().root() + " yet. Start one with: sampan up");
        }
        System.out.print(path ? file + System.lineSeparator() : Files.readString(file));
        return 0;
    }
}
