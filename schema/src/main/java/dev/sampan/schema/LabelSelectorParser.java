package dev.sampan.schema;

import dev.sampan.schema.LabelSelector.Operator;
import dev.sampan.schema.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Recursive descent over the selector grammar: {@code a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1}. */
final class LabelSelectorParser {

    private static final String SPECIAL = "=!(),><";
    private static final Set<String> OPERATORS = Set.of("=", "==", "!=", ">", "<", "in", "notin");

    private final List<String> tokens = new ArrayList<>();
    private int at;

    LabelSelectorParser(String text) {
        int i = 0;
        while (i < text.length()) {
            var c = text.charAt(i);
            int start = i;
            if (Character.isWhitespace(c)) {
                i++;
                continue;
            }
            if (SPECIAL.indexOf(c) >= 0) {
                i++;
                if (i < text.length() && (c == '=' || c == '!') && text.charAt(i) == '=') {
                    i++;
                }
            } else {
                while (i < text.length()
                        && SPECIAL.indexOf(text.charAt(i)) < 0
                        && !Character.isWhitespace(text.charAt(i))) {
                    i++;
                }
            }
            tokens.add(text.substring(start, i));
        }
    }

    private String peek() {
        return at < tokens.size() ? tokens.get(at) : "";
    }

    private String next() {
        var token = peek();
        at++;
        return token;
    }

    private static boolean isName(String token) {
        return !token.isEmpty() && SPECIAL.indexOf(token.charAt(0)) < 0;
    }

    List<Requirement> parse() {
        var requirements = new ArrayList<Requirement>();
        while (at < tokens.size()) {
            var token = peek();
            if (!isName(token) && !token.equals("!")) {
                throw found(token, ", expected: !, identifier, or 'end of string'");
            }
            requirements.add(prefixed());
            if (at == tokens.size()) {
                return requirements;
            }
            var separator = next();
            if (!separator.equals(",")) {
                throw found(separator, ", expected: ',' or 'end of string'");
            }
            if (!isName(peek()) && !peek().equals("!")) {
                throw found(peek(), ", expected: identifier after ','");
            }
        }
        return requirements;
    }

    private Requirement prefixed() {
        try {
            return requirement();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unable to parse requirement: " + e.getMessage(), e);
        }
    }

    private Requirement requirement() {
        var negated = peek().equals("!");
        if (negated) {
            next();
        }
        var key = next();
        if (!isName(key)) {
            throw found(key, ", expected: identifier");
        }
        if (negated || at == tokens.size() || peek().equals(",")) {
            return LabelSelector.requirement(key, negated ? Operator.DOES_NOT_EXIST : Operator.EXISTS, List.of());
        }
        var word = next();
        if (!OPERATORS.contains(word)) {
            throw found(word, ", expected: in, notin, =, ==, !=, gt, lt");
        }
        return switch (word) {
            case "in" -> LabelSelector.requirement(key, Operator.IN, values());
            case "notin" -> LabelSelector.requirement(key, Operator.NOT_IN, values());
            case "!=" -> LabelSelector.requirement(key, Operator.NOT_EQUALS, List.of(exact()));
            case ">" -> LabelSelector.requirement(key, Operator.GREATER_THAN, List.of(exact()));
            case "<" -> LabelSelector.requirement(key, Operator.LESS_THAN, List.of(exact()));
            case "==" -> LabelSelector.requirement(key, Operator.DOUBLE_EQUALS, List.of(exact()));
            default -> LabelSelector.requirement(key, Operator.EQUALS, List.of(exact()));
        };
    }

    /** The value after a sign; may be empty. */
    private String exact() {
        if (at == tokens.size() || peek().equals(",")) {
            return "";
        }
        var value = next();
        if (!isName(value)) {
            throw found(value, ", expected: identifier");
        }
        return value;
    }

    private List<String> values() {
        var open = next();
        if (!open.equals("(")) {
            throw found(open, " expected: '('");
        }
        var values = new TreeSet<String>();
        var expectValue = true;
        while (true) {
            var token = next();
            if (token.equals(")")) {
                if (expectValue) {
                    values.add("");
                }
                return List.copyOf(values);
            }
            if (token.equals(",")) {
                if (expectValue) {
                    values.add("");
                }
                expectValue = true;
            } else if (isName(token) && expectValue) {
                values.add(token);
                expectValue = false;
            } else {
                throw found(token, expectValue ? ", expected: ',', ')' or identifier" : ", expected: ',' or ')'");
            }
        }
    }

    private static IllegalArgumentException found(String token, String expected) {
        return new IllegalArgumentException("found '" + token + "'" + expected);
    }
}
