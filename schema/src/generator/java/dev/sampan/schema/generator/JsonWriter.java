package dev.sampan.schema.generator;

import java.util.List;
import java.util.Map;

/** Writes maps, lists and scalars as compact JSON; the generator runs without libraries. */
final class JsonWriter {

    private JsonWriter() {}

    static String write(Object value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    /** Already encoded JSON. */
    record Raw(String json) {}

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                var separator = '{';
                for (var e : map.entrySet()) {
                    out.append(separator);
                    quote(e.getKey().toString(), out);
                    out.append(':');
                    write(e.getValue(), out);
                    separator = ',';
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case Iterable<?> list -> {
                out.append('[');
                var first = true;
                for (var item : list) {
                    if (!first) {
                        out.append(',');
                    }
                    write(item, out);
                    first = false;
                }
                out.append(']');
            }
            case Raw raw -> out.append(raw.json);
            case String s -> quote(s, out);
            default -> out.append(value);
        }
    }

    private static void quote(String s, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            var c = s.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
