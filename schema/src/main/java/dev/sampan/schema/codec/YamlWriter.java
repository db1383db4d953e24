package dev.sampan.schema.codec;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Prints a tree in block style, lists not indented below their key, as Kubernetes' YAML is. */
final class YamlWriter {

    private final StringBuilder out;

    YamlWriter(StringBuilder out) {
        this.out = out;
    }

    void document(JsonNode tree) {
        if (tree.isContainer() && !tree.isEmpty()) {
            block(tree, 0);
        } else {
            scalar(tree, 0);
            out.append('\n');
        }
    }

    private void block(JsonNode node, int indent) {
        var first = true;
        if (node.isArray()) {
            for (var item : node) {
                pad(first ? 0 : indent);
                first = false;
                out.append('-');
                item(item, indent);
            }
            return;
        }
        for (var entry : sorted(node).entrySet()) {
            pad(first ? 0 : indent);
            first = false;
            string(entry.getKey(), indent, true);
            out.append(':');
            value(entry.getValue(), indent);
        }
    }

    private static Map<String, JsonNode> sorted(JsonNode object) {
        var sorted = new TreeMap<String, JsonNode>();
        object.properties().forEach(e -> sorted.put(e.getKey(), e.getValue()));
        return sorted;
    }

    private void item(JsonNode item, int indent) {
        out.append(' ');
        if (item.isContainer() && !item.isEmpty()) {
            block(item, indent + 2);
        } else {
            scalar(item, indent);
            out.append('\n');
        }
    }

    private void value(JsonNode value, int indent) {
        if (value.isContainer() && !value.isEmpty()) {
            var inner = value.isArray() ? indent : indent + 2;
            out.append('\n');
            pad(inner);
            block(value, inner);
        } else {
            out.append(' ');
            scalar(value, indent);
            out.append('\n');
        }
    }

    private void pad(int indent) {
        out.repeat(' ', indent);
    }

    private void scalar(JsonNode value, int indent) {
        if (value.isArray()) {
            out.append("[]");
        } else if (value.isObject()) {
            out.append("{}");
        } else if (value.isString()) {
            string(value.stringValue(), indent, false);
        } else {
            out.append(value);
        }
    }

    private void string(String text, int indent, boolean key) {
        if (!key && isLiteral(text)) {
            literal(text, indent + 2);
        } else if (isPlain(text)) {
            out.append(text);
        } else {
            quoted(text);
        }
    }

    private static boolean isLiteral(String text) {
        return text.indexOf('\n') >= 0
                && text.chars().allMatch(c -> c == '\n' || c == '\t' || isPrintable(c))
                && !text.startsWith(" ")
                && !text.startsWith("\n")
                && !text.startsWith("\t");
    }

    /** What stands in YAML without an escape; rarer characters are escaped too. */
    private static boolean isPrintable(int c) {
        return c >= 0x20 && c < 0x7f || c > 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029;
    }

    private void literal(String text, int indent) {
        out.append('|');
        var trailing = text.length() - text.stripTrailing().length();
        if (!text.endsWith("\n")) {
            out.append('-');
        } else if (trailing > 1 && text.endsWith("\n\n") || trailing > 1) {
            out.append('+');
        }
        var lines = (text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).split("\n", -1);
        for (var line : lines) {
            out.append('\n');
            if (!line.isEmpty()) {
                pad(indent);
                out.append(line);
            }
        }
    }

    private static boolean isPlain(String text) {
        if (YamlScalars.needsQuotes(text)) {
            return false;
        }
        if ("-?:,[]{}#&*!|>'\"%@`".indexOf(text.charAt(0)) >= 0 && !startsLikeAWord(text)) {
            return false;
        }
        return !text.contains(": ")
                && !text.contains(" #")
                && !text.endsWith(":")
                && !text.startsWith(" ")
                && !text.endsWith(" ")
                && !text.startsWith("---")
                && !text.startsWith("...")
                && text.chars().allMatch(YamlWriter::isPrintable);
    }

    private static boolean startsLikeAWord(String text) {
        return "-?:".indexOf(text.charAt(0)) >= 0 && text.length() > 1 && text.charAt(1) > ' ';
    }

    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (isPrintable(c) || Character.isSurrogate(c)) {
                        out.append(c);
                    } else {
                        out.append(String.format("\\u%04x", (int) c));
                    }
                }
            }
        }
        out.append('"');
    }
}
