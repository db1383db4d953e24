package dev.sampan.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SortedEntriesTest {

    private static Entry entry(int key, long revision) {
        return new Entry("/%06d".formatted(key), new byte[0], revision, revision, 1);
    }

    @Test
    void agreesWithATreeMap() {
        var random = new Random(7);
        var model = new TreeMap<String, Entry>();
        var entries = SortedEntries.EMPTY;
        for (int i = 0; i < 20_000; i++) {
            var entry = entry(random.nextInt(2_000), i);
            if (random.nextInt(5) < 2) {
                model.remove(entry.key());
                entries = entries.without(entry.key());
            } else {
                model.put(entry.key(), entry);
                entries = entries.with(entry);
            }
            if (i % 500 == 0) {
                assertThat(entries).containsExactlyElementsOf(model.values());
                var prefix = "/00%02d".formatted(random.nextInt(20));
                assertThat(entries.count(prefix))
                        .isEqualTo(model.subMap(prefix, prefix + "~").size());
            }
        }
        assertThat(entries.size()).isEqualTo(model.size());
    }

    @Test
    void staysShallowWhenKeysComeInOrder() {
        var entries = SortedEntries.EMPTY;
        for (int i = 0; i < 100_000; i++) {
            entries = entries.with(entry(i, i));
        }
        assertThat(entries.depth()).isLessThan(30);
        for (int i = 0; i < 99_000; i++) {
            entries = entries.without(entry(i, i).key());
        }
        assertThat(entries.depth()).isLessThan(18);
    }

    @Test
    void isBuiltFromASortedList() {
        for (int size : new int[] {0, 1, 2, 3, 100, 1023}) {
            var list = new ArrayList<>(
                    IntStream.range(0, size).mapToObj(i -> entry(i, i)).toList());
            var entries = SortedEntries.ofSorted(list);
            assertThat(entries).containsExactlyElementsOf(list);
            assertThat(entries.depth()).isLessThanOrEqualTo(11);
        }
    }
}
