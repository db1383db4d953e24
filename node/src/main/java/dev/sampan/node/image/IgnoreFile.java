package dev.sampan.node.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The rules of a {@code .dockerignore}: the last pattern that matches a path or one of its parents decides. Immutable. */
final class IgnoreFile {

    /** @param keeps the line began with {@code !} */
    private record Rule(Pattern pattern, boolean keeps) {}

    private final List<Rule> rules;

    private IgnoreFile(List<Rule> rules) {
        this.rules = rules;
    }

    static IgnoreFile in(Path context) throws IOException, BuildException {
        var file = context.resolve(".dockerignore");
        return parse(Files.isRegularFile(file) ? Files.readAllLines(file) : List.of());
    }

    static IgnoreFile parse(List<String> lines) throws BuildException {
        var rules = new ArrayList<Rule>();
        for (var line : lines) {
            var text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            boolean keeps = text.startsWith("!");
            var pattern = (keeps ? text.substring(1).strip() : text).replaceAll("^(\\./|/)+", "");
            pattern = pattern.replaceAll("/+$", "");
            if (!pattern.isEmpty()) {
                rules.add(new Rule(PathPattern.compile(pattern), keeps));
            }
        }
        return new IgnoreFile(rules);
    }

    /** Whether the file at a path relative to the context stays out of the build. */
    boolean ignores(String path) {
        boolean ignored = false;
        for (var rule : rules) {
            if (matches(rule.pattern(), path)) {
                ignored = !rule.keeps();
            }
        }
        return ignored;
    }

    private static boolean matches(Pattern pattern, String path) {
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            if (pattern.matcher(path.substring(0, end)).matches()) {
                return true;
            }
        }
        return false;
    }
}
