package dev.sampan.app.cli;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "logs",
        description = "Print the server's log (for a pod's: kubectl logs).",
        mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {

    @Mixin
    private HomeOption home = new HomeOption();

    @Option(
            names = {"-n", "--length"},
            defaultValue = "60",
            description = "Number of lines to go back (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = {"-f", "--follow"},
            description = "Keep printing what is added until interrupted.")
    private boolean follow;

    @Override
    public Integer call() throws Exception {
        var log = home.home().serverLog();
        if (!Files.exists(log)) {
            throw new UserError("There is no log at " + log + " yet. Start a cluster with: sampan up");
        }
        long position = printTail(log);
        while (follow) {
            position = printFrom(log, position);
            Thread.sleep(200);
        }
        return 0;
    }

    private long printTail(Path log) throws Exception {
        var last = new ArrayDeque<String>();
        try (var reader = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                last.addLast(line);
                if (last.size() > length) {
                    last.removeFirst();
                }
            }
        }
        last.forEach(System.out::println);
        return Files.size(log);
    }

    private static long printFrom(Path log, long position) throws Exception {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.min(position, file.length()));
            var added = new byte[(int) Math.min(file.length() - file.getFilePointer(), 1 << 20)];
            file.readFully(added);
            System.out.write(added);
            System.out.flush();
            return file.getFilePointer();
        }
    }
}
