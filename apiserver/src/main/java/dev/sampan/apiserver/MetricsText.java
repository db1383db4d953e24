package dev.sampan.apiserver;

import java.nio.charset.StandardCharsets;

/** Writes metrics in Prometheus' text format. Owned by one answer. */
public final class MetricsText {

    private final StringBuilder out = new StringBuilder(32 * 1024);

    /** Begins a metric: its lines follow. @param type counter, gauge or histogram */
    public MetricsText head(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** One sample. @param labels made by {@link #labels}, empty for none */
    public MetricsText line(String name, String labels, double value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ');
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            out.append((long) value);
        } else {
            out.append(value);
        }
        out.append('\n');
        return this;
    }

    /** {@code a="1",b="2"} of names and values in turn. */
    public static String labels(String... namesAndValues) {
        var labels = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.append(i == 0 ? "" : ",")
                    .append(namesAndValues[i])
                    .append("=\"")
                    .append(escaped(namesAndValues[i + 1]))
                    .append('"');
        }
        return labels.toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return out.toString();
    }

    byte[] bytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
