package dev.sampan.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.BitSet;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Completion indexes, written as in a job's status: {@code 0-2,5}. */
final class Indexes {

    static final String KEY = "batch.kubernetes.io/job-completion-index";

    private Indexes() {}

    static BitSet parse(@Nullable String text) {
        var set = new BitSet();
        if (text == null || text.isEmpty()) {
            return set;
        }
        for (var part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
            set.set(first, last + 1);
        }
        return set;
    }

    static String format(BitSet set) {
        var text = new StringBuilder();
        for (int first = set.nextSetBit(0); first >= 0; ) {
            int end = set.nextClearBit(first);
            text.append(text.isEmpty() ? "" : ",").append(first);
            if (end - first > 1) {
                text.append(end - first == 2 ? "," : "-").append(end - 1);
            }
            first = set.nextSetBit(end);
        }
        return text.toString();
    }

    /** A pod's index; empty when it has none. */
    static OptionalInt of(Pod pod) {
        var annotations = pod.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(KEY);
        try {
            return text == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return OptionalInt.empty(); // not a pod that this controller made
        }
    }
}
