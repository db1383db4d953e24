package dev.sampan.serving.metrics;

import java.util.Map;
import java.util.function.Function;

/** Writes series in Prometheus' text format, under TensorFlow Serving's prefix. */
final class PrometheusText {
    private static final String PREFIX = ":tensorflow:serving:";

    private final StringBuilder text = new StringBuilder();

    /** A label with its value in quotation marks. */
    static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    void type(String name, String type) {
        text.append("# TYPE ")
                .append(PREFIX)
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    /** One line for each set of labels. */
    void counters(String name, Map<String, Long> byLabels) {
        type(name, "counter");
        values(name, byLabels);
    }

    /** The same for what goes up and down. */
    void gauges(String name, Map<String, Long> byLabels) {
        type(name, "gauge");
        values(name, byLabels);
    }

    private void values(String name, Map<String, Long> byLabels) {
        byLabels.forEach((labels, value) -> text.append(PREFIX)
                .append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n'));
    }

    void histogram(String name, String labels, Histogram histogram) {
        histogram.write(PREFIX + name, labels, text);
    }

    /** One histogram for each model. */
    <T> void histograms(String name, String label, Map<String, T> models, Function<T, Histogram> choice) {
        type(name, "histogram");
        models.forEach((model, load) -> histogram(name, label(label, model), choice.apply(load)));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
