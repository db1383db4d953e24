package dev.sampan.models.evaluate;

import java.util.List;

/**
 * How well a classifier does on labelled rows.
 *
 * @param classes class names
 * @param confusion {@code confusion[actual][predicted]} rows
 */
public record Scores(List<String> classes, int[][] confusion) {

    /** Counts predictions against labels, both as class indices. */
    public static Scores of(List<String> classes, int[] labels, int[] predictions) {
        var confusion = new int[classes.size()][classes.size()];
        for (int i = 0; i < labels.length; i++) {
            confusion[labels[i]][predictions[i]]++;
        }
        return new Scores(classes, confusion);
    }

    public int rows() {
        int rows = 0;
        for (int i = 0; i < confusion.length; i++) {
            rows += actual(i);
        }
        return rows;
    }

    /** Share of right answers; 0 without any row. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < confusion.length; i++) {
            right += confusion[i][i];
        }
        return ratio(right, rows());
    }

    /** Of the rows predicted to be of this class, the share that is. */
    public double precision(int index) {
        return ratio(confusion[index][index], predicted(index));
    }

    /** Of the rows of this class, the share that was predicted to be. */
    public double recall(int index) {
        return ratio(confusion[index][index], actual(index));
    }

    /** Harmonic mean of precision and recall. */
    public double f1(int index) {
        double sum = precision(index) + recall(index);
        return sum == 0 ? 0 : 2 * precision(index) * recall(index) / sum;
    }

    /** Rows of this class. */
    public int actual(int index) {
        int rows = 0;
        for (int count : confusion[index]) {
            rows += count;
        }
        return rows;
    }

    private int predicted(int index) {
        int rows = 0;
        for (int[] counts : confusion) {
            rows += counts[index];
        }
        return rows;
    }

    private static double ratio(int part, int whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
