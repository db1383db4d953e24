package dev.sampan.node.image;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Path patterns of build files and {@code .dockerignore}: those of Go's {@code filepath.Match}, and {@code **} for any
 * number of directories.
 */
final class PathPattern {

    private PathPattern() {}

    static boolean hasWildcard(String text) {
        return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
    }

    /**
     * The whole path must match.
     *
     * @throws BuildException when the pattern's brackets are not closed
     */
    static Pattern compile(String pattern) throws BuildException {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (pattern.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (pattern.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else if (c == '[') {
                int end = pattern.indexOf(']', i + 1);
                if (end < 0) {
                    throw new BuildException("the pattern \"" + pattern + "\" has a [ without ]");
                }
                regex.append(pattern, i, end + 1);
                i = end;
            } else {
                boolean escape = c == '\\' && i + 1 < pattern.length();
                regex.append(Pattern.quote(String.valueOf(escape ? pattern.charAt(++i) : c)));
            }
        }
        try {
            return Pattern.compile(regex.toString());
        } catch (PatternSyntaxException e) {
            throw new BuildException("the pattern \"" + pattern + "\" is not valid: " + e.getDescription());
        }
    }
}
