package dev.sampan.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Prints values inside field errors as Go's {@code %#v}, {@code %q} and JSON do in Kubernetes' messages. */
final class FieldValues {

    private FieldValues() {}

    static String print(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case JsonNode node when node.isString() -> quote(node.stringValue());
            case JsonNode node -> node.toString();
            case String s -> quote(s);
            case Number n -> n.toString();
            case Boolean b -> b.toString();
            default -> quote(value.toString());
        };
    }

    /** Go's {@code strconv.Quote} for the characters that occur. */
    static String quote(String text) {
        var out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append(String.format("\\x%02x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
