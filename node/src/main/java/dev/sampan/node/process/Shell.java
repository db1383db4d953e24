package dev.sampan.node.process;

import java.util.List;
import java.util.stream.Collectors;

/** Writing POSIX shell. */
final class Shell {

    private Shell() {}

    /** The text as one word of a shell command. */
    static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    static String quote(List<String> words) {
        return words.stream().map(Shell::quote).collect(Collectors.joining(" "));
    }
}
