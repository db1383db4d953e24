package dev.sampan.models.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Rows to learn from and rows that are never learned from. */
public record Split(Dataset training, Dataset heldOut) {

    /**
     * Holds out the given share of every class, chosen by the seed: the same data, share and seed give the same split on
     * every machine. A class with at least two rows is on both sides.
     */
    public static Split stratified(Dataset all, double heldOutShare, long seed) {
        if (!(heldOutShare > 0 && heldOutShare < 1)) {
            throw new IllegalArgumentException("the held-out share must lie between 0 and 1, not " + heldOutShare);
        }
        var byClass = new ArrayList<List<Integer>>();
        all.classes().forEach(name -> byClass.add(new ArrayList<>()));
        for (int row = 0; row < all.rows(); row++) {
            byClass.get(all.labels()[row]).add(row);
        }
        var random = new SplittableRandom(seed);
        var training = new ArrayList<Integer>();
        var heldOut = new ArrayList<Integer>();
        for (var rows : byClass) {
            int[] shuffled = shuffle(rows.stream().mapToInt(Integer::intValue).toArray(), random);
            int held = rows.size() < 2 ? 0 : Math.clamp(Math.round(rows.size() * heldOutShare), 1, rows.size() - 1);
            for (int i = 0; i < shuffled.length; i++) {
                (i < held ? heldOut : training).add(shuffled[i]);
            }
        }
        return new Split(all.rows(sorted(training)), all.rows(sorted(heldOut)));
    }

    /** Shuffles in place (Fisher-Yates) and returns the array. */
    public static int[] shuffle(int[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
        return values;
    }

    private static int[] sorted(List<Integer> rows) {
        var array = rows.stream().mapToInt(Integer::intValue).toArray();
        Arrays.sort(array);
        return array;
    }
}
