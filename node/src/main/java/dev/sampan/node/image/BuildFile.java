package dev.sampan.node.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The text of a Dockerfile taken apart into instructions, as Docker's reference describes the format: comments, the
 * {@code escape} directive, continued lines, flags and the JSON form. Knows no instruction's meaning.
 */
final class BuildFile {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern ESCAPE = Pattern.compile("#\\s*escape\\s*=\\s*(\\S)\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern DIRECTIVE = Pattern.compile("#\\s*[a-zA-Z]+\\s*=.*");
    private static final Pattern HEREDOC = Pattern.compile("(?s).*(^|\\s)[0-9]*<<-?\\s*[\"']?[a-zA-Z_]\\w*[\"']?.*");

    private BuildFile() {}

    /**
     * One instruction.
     *
     * @param line where it begins, from 1
     * @param keyword in upper case
     * @param flags such as {@code --chown=1000:1000}
     * @param rest everything after the flags, continued lines joined
     */
    record Instruction(int line, String keyword, List<String> flags, String rest) {

        /** The words of the JSON form, or an empty list when this is not in JSON form. */
        List<String> json() {
            if (!rest.startsWith("[")) {
                return List.of();
            }
            try {
                var array = JSON.readTree(rest);
                boolean strings = array.isArray() && array.valueStream().allMatch(v -> v.isString());
                return strings ? array.valueStream().map(v -> v.asString("")).toList() : List.of();
            } catch (JacksonException e) {
                return List.of(); // Docker, too, takes what is not JSON for a shell command
            }
        }

        boolean isEmptyJson() {
            return rest.matches("\\[\\s*]");
        }
    }

    /** @param name of the file, for messages */
    static List<Instruction> parse(String name, String text) throws BuildException {
        var lines = text.replace("\r", "").split("\n", -1);
        char escape = escape(lines);
        var instructions = new ArrayList<Instruction>();
        for (int at = 0; at < lines.length; at++) {
            if (skipped(lines[at])) {
                continue;
            }
            int first = at;
            var whole = new StringBuilder();
            while (at < lines.length) {
                var line = lines[at];
                if (!skipped(line)) {
                    var end = line.stripTrailing();
                    boolean goesOn = end.endsWith(String.valueOf(escape));
                    whole.append(goesOn ? end.substring(0, end.length() - 1) : line);
                    if (!goesOn) {
                        break;
                    }
                }
                at++;
            }
            instructions.add(instruction(name, first + 1, whole.toString().strip()));
        }
        return instructions;
    }

    private static boolean skipped(String line) {
        return line.isBlank() || line.stripLeading().startsWith("#");
    }

    private static char escape(String[] lines) {
        for (var line : lines) {
            var matcher = ESCAPE.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1).charAt(0);
            }
            if (!DIRECTIVE.matcher(line).matches()) {
                break;
            }
        }
        return '\\';
    }

    private static Instruction instruction(String name, int line, String text) throws BuildException {
        var parts = text.split("\\s+", 2);
        var keyword = parts[0].toUpperCase(Locale.ROOT);
        var rest = parts.length > 1 ? parts[1] : "";
        if ((keyword.equals("COPY") || keyword.equals("ADD"))
                && HEREDOC.matcher(rest).matches()) {
            throw BuildException.at(
                    name, line, "here-documents are not supported; put the text into a file and copy it");
        }
        var flags = new ArrayList<String>();
        while (rest.startsWith("--")) {
            var flag = rest.split("\\s+", 2);
            flags.add(flag[0]);
            rest = flag.length > 1 ? flag[1] : "";
        }
        return new Instruction(line, keyword, flags, rest);
    }
}
