package dev.sampan.node.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Splits an instruction's text into words as a shell would, with quotes, escapes and the variables that build files
 * have: {@code $x}, {@code ${x}}, {@code ${x:-default}}, {@code ${x:+other}}.
 */
final class Words {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private final String text;
    private final Map<String, String> variables;
    private final StringBuilder word = new StringBuilder();
    private final List<String> words = new ArrayList<>();
    private int at;
    private boolean begun;

    private Words(String text, Map<String, String> variables) {
        this.text = text;
        this.variables = variables;
    }

    /**
     * The words, quotes removed and variables replaced.
     *
     * @throws BuildException when a quote or brace is not closed
     */
    static List<String> split(String text, Map<String, String> variables) throws BuildException {
        return new Words(text, variables).split();
    }

    /** The text as one word. */
    static String expand(String text, Map<String, String> variables) throws BuildException {
        var words = new Words(text, variables);
        while (words.at < text.length()) {
            words.next();
        }
        return words.word.toString();
    }

    private List<String> split() throws BuildException {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                finish();
                at++;
            } else {
                begun = true;
                next();
            }
        }
        finish();
        return words;
    }

    private void finish() {
        if (begun) {
            words.add(word.toString());
            word.setLength(0);
            begun = false;
        }
    }

    private void next() throws BuildException {
        char c = text.charAt(at);
        switch (c) {
            case '\'' -> {
                int end = closing('\'');
                word.append(text, at + 1, end);
                at = end + 1;
            }
            case '"' -> quoted();
            case '\\' -> {
                word.append(at + 1 < text.length() ? text.charAt(at + 1) : '\\');
                at += 2;
            }
            case '$' -> variable();
            default -> {
                word.append(c);
                at++;
            }
        }
    }

    private void quoted() throws BuildException {
        for (at++; at < text.length() && text.charAt(at) != '"'; ) {
            char c = text.charAt(at);
            if (c == '$') {
                variable();
            } else if (c == '\\' && at + 1 < text.length() && "\"\\$".indexOf(text.charAt(at + 1)) >= 0) {
                word.append(text.charAt(at + 1));
                at += 2;
            } else {
                word.append(c);
                at++;
            }
        }
        if (at >= text.length()) {
            throw new BuildException("a \" is not closed in: " + text);
        }
        at++;
    }

    private int closing(char quote) throws BuildException {
        int end = text.indexOf(quote, at + 1);
        if (end < 0) {
            throw new BuildException("a " + quote + " is not closed in: " + text);
        }
        return end;
    }

    private void variable() throws BuildException {
        if (text.startsWith("${", at)) {
            int end = text.indexOf('}', at);
            if (end < 0) {
                throw new BuildException("a ${ is not closed in: " + text);
            }
            word.append(substitute(text.substring(at + 2, end)));
            at = end + 1;
            return;
        }
        var name = NAME.matcher(text).region(at + 1, text.length());
        if (name.lookingAt()) {
            word.append(variables.getOrDefault(name.group(), ""));
            at = name.end();
        } else {
            word.append('$');
            at++;
        }
    }

    private String substitute(String inBraces) throws BuildException {
        var name = NAME.matcher(inBraces);
        if (!name.lookingAt()) {
            throw new BuildException("\"${" + inBraces + "}\" has no variable's name");
        }
        var value = variables.getOrDefault(name.group(), "");
        var modifier = inBraces.substring(name.end());
        if (modifier.isEmpty()) {
            return value;
        }
        if (modifier.startsWith(":-")) {
            return value.isEmpty() ? expand(modifier.substring(2), variables) : value;
        }
        if (modifier.startsWith(":+")) {
            return value.isEmpty() ? "" : expand(modifier.substring(2), variables);
        }
        throw new BuildException("\"${" + inBraces + "}\" is not supported; use ${x}, ${x:-default} or ${x:+other}");
    }
}
