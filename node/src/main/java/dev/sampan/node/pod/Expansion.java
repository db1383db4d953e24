package dev.sampan.node.pod;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kubernetes' {@code $(NAME)} references: an unknown name stays as it is, {@code $$} is a dollar. */
final class Expansion {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\$|\\$\\(([^)]*)\\)");

    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
        return REFERENCE
                .matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(replacement(match.group(), variables)));
    }

    static List<String> expand(List<String> texts, Map<String, String> variables) {
        return texts.stream().map(text -> expand(text, variables)).toList();
    }

    private static String replacement(String reference, Map<String, String> variables) {
        if (reference.equals("$$")) {
            return "$";
        }
        return variables.getOrDefault(reference.substring(2, reference.length() - 1), reference);
    }
}
