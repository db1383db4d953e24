package dev.sampan.models.evaluate;

import java.util.Locale;

/** Scores as text for a terminal. */
public final class ScoreTable {
    private static final int MAX_MATRIX = 20;
    private static final int MAX_NAME = 14;

    private ScoreTable() {}

    /** Precision, recall and F1 of each class; then, for up to 20 classes, the confusion matrix with dots for zeros. */
    public static String render(Scores scores) {
        var text = new StringBuilder();
        var names = scores.classes().stream().map(ScoreTable::shorten).toList();
        int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
        line(text, "%-" + width + "s  %9s  %9s  %9s  %6s%n", "class", "precision", "recall", "f1", "rows");
        for (int i = 0; i < names.size(); i++) {
            line(
                    text,
                    "%-" + width + "s  %9.4f  %9.4f  %9.4f  %6d%n",
                    names.get(i),
                    scores.precision(i),
                    scores.recall(i),
                    scores.f1(i),
                    scores.actual(i));
        }
        if (names.size() <= MAX_MATRIX) {
            int cell = Math.max(4, width);
            text.append(System.lineSeparator());
            line(text, "%-" + width + "s", "");
            names.forEach(name -> line(text, "  %" + cell + "s", name));
            text.append("   (columns: predicted, rows: actual)").append(System.lineSeparator());
            for (int i = 0; i < names.size(); i++) {
                line(text, "%-" + width + "s", names.get(i));
                for (int count : scores.confusion()[i]) {
                    line(text, "  %" + cell + "s", count == 0 ? "." : Integer.toString(count));
                }
                text.append(System.lineSeparator());
            }
        }
        return text.toString();
    }

    private static String shorten(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME - 1) + "…";
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
