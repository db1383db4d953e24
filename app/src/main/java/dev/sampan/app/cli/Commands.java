package dev.sampan.app.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code sampan} command and its children. */
@Command(
        name = "sampan",
        description = "Kubernetes for AI models in one Java process.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            DeleteCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            KubeconfigCommand.class,
            TrainCommand.class,
            ConvertCommand.class,
            EvaluateCommand.class,
            ServeCommand.class,
            PredictCommand.class,
            EngineCommand.class,
            ImageCommand.class,
            SnapshotCommand.class,
            CompactCommand.class,
            ServerCommand.class,
            PythonCommand.class,
            RehearseCommand.class,
            HelpCommand.class
        })
public final class Commands implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Commands() {}

    /** Runs one command line; the exit code is the shell's: 0 success, 1 failure, 2 bad usage. */
    public static int run(String... arguments) {
        return new CommandLine(new Commands())
                .setExecutionExceptionHandler(Commands::explain)
                .setParameterExceptionHandler(Commands::misused)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static int misused(CommandLine.ParameterException e, String[] arguments) {
        var command = e.getCommandLine();
        var err = command.getErr();
        err.println(e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int explain(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
        var err = commandLine.getErr();
        if (e instanceof UserError error) {
            err.println(error.getMessage());
            return error.exitCode();
        }
        if (e instanceof FileSystemException failure) {
            err.println(explain(failure));
            return 1;
        }
        e.printStackTrace(err);
        return 1;
    }

    private static String explain(FileSystemException failure) {
        var reason = switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "there is no such file";
            case FileAlreadyExistsException _ -> "it exists and is no folder";
            default -> failure.getReason();
        };
        return "Cannot use %s: %s.".formatted(failure.getFile(), reason);
    }
}
