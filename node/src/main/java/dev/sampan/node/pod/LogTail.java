package dev.sampan.node.pod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** The last lines of a log in CRI's format, without its prefixes. */
final class LogTail {

    private static final int LINES = 80;

    private LogTail() {}

    /** At most 80 lines and {@code limit} characters. */
    static String read(Path log, int limit) throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        var lines = Files.readAllLines(log);
        var text = lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
                .map(line -> line.split(" ", 4))
                .filter(fields -> fields.length == 4)
                .map(fields -> fields[3])
                .collect(Collectors.joining("\n"));
        return text.substring(Math.max(0, text.length() - limit));
    }
}
