package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/** Says before a start that a container's command does not exist, in the words of runc. Stateless. */
final class CommandCheck {

    private final RootPlan root;

    CommandCheck(RootPlan root) {
        this.root = root;
    }

    /** The error message, empty when the command can be run. */
    Optional<String> missing(ContainerRecord container) throws IOException {
        var program = container.command().getFirst();
        var prefix = "unable to start container process: exec: \"" + program + "\": ";
        if (program.contains("/")) {
            var path = program.startsWith("/") ? program : container.workingDir() + "/" + program;
            var file = root.find(path);
            if (file.isEmpty()) {
                return Optional.of(prefix + "stat " + program + ": no such file or directory");
            }
            if (Files.isDirectory(file.get())) {
                return Optional.of(prefix + "is a directory");
            }
            return Files.isExecutable(file.get()) ? Optional.empty() : Optional.of(prefix + "permission denied");
        }
        var path = container.environment().getOrDefault("PATH", ContainerPlanner.DEFAULT_PATH);
        for (var directory : path.split(":")) {
            var file = root.find((directory.isEmpty() ? container.workingDir() : directory) + "/" + program);
            if (file.isPresent() && Files.isExecutable(file.get())) {
                return Optional.empty();
            }
        }
        return Optional.of(prefix + "executable file not found in $PATH");
    }
}
