package dev.sampan.serving.batching;

import dev.sampan.serving.tensor.BufferScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a batch, in the order in which it will run: the more urgent first, and in order of arrival among equals.
 * Decides who gets in, who has to go and who runs next; times come as arguments. Guarded by its bucket's lock.
 */
final class BatchQueue {
    private final int maxRows;
    private final List<ArrayDeque<Pending>> levels = new ArrayList<>(BufferScope.PRIORITIES);
    private final int[] rowsByLevel = new int[BufferScope.PRIORITIES];
    private int rows;
    private int size;
    /** No deadline among those that wait is earlier. */
    private long earliestDeadline = BufferScope.NO_DEADLINE;

    /** What became of a request that came. */
    sealed interface Admission {
        /** It waits now. */
        record Accepted() implements Admission {}

        /** It waits now, and these less urgent ones had to go. */
        record Displacing(List<Pending> displaced) implements Admission {}

        /** There is no room. */
        record Full(int waitingRows) implements Admission {}
    }

    /** @param maxRows beyond this nothing more gets in, except that an empty queue takes any one request */
    BatchQueue(int maxRows) {
        this.maxRows = maxRows;
        for (int i = 0; i < BufferScope.PRIORITIES; i++) {
            levels.add(new ArrayDeque<>());
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    int rows() {
        return rows;
    }

    /** Rows that would run before a request of this priority. */
    int rowsBefore(int priority) {
        int before = 0;
        for (int level = 0; level < priority; level++) {
            before += rowsByLevel[level];
        }
        return before;
    }

    Admission offer(Pending pending) {
        if (size == 0 || rows + pending.rows <= maxRows) {
            add(pending);
            return new Admission.Accepted();
        }
        var displaced = lessUrgent(pending);
        if (displaced.isEmpty()) {
            return new Admission.Full(rows);
        }
        for (var other : displaced) {
            levels.get(other.buffers.priority() - 1).removeLast();
            removed(other);
        }
        add(pending);
        return new Admission.Displacing(displaced);
    }

    /** The least urgent ones whose going would make room, the latest first; empty if that is not enough. */
    private List<Pending> lessUrgent(Pending pending) {
        var chosen = new ArrayList<Pending>();
        int need = rows + pending.rows - maxRows;
        for (int level = BufferScope.PRIORITIES; level > pending.buffers.priority() && need > 0; level--) {
            var latest = levels.get(level - 1).descendingIterator();
            while (need > 0 && latest.hasNext()) {
                var other = latest.next();
                chosen.add(other);
                need -= other.rows;
            }
        }
        return need > 0 ? List.of() : chosen;
    }

    private void add(Pending pending) {
        levels.get(pending.buffers.priority() - 1).add(pending);
        rowsByLevel[pending.buffers.priority() - 1] += pending.rows;
        rows += pending.rows;
        size++;
        earliestDeadline = Math.min(earliestDeadline, pending.buffers.deadlineNanos());
    }

    private void removed(Pending pending) {
        rowsByLevel[pending.buffers.priority() - 1] -= pending.rows;
        rows -= pending.rows;
        size--;
    }

    /** Removes those whose time is over: nobody waits for their answer any more. */
    List<Pending> expired(long now) {
        if (size == 0 || earliestDeadline == BufferScope.NO_DEADLINE || now - earliestDeadline <= 0) {
            return List.of();
        }
        var gone = new ArrayList<Pending>();
        long earliest = BufferScope.NO_DEADLINE;
        for (var level : levels) {
            for (var waiting = level.iterator(); waiting.hasNext(); ) {
                var pending = waiting.next();
                if (pending.buffers.expired(now)) {
                    waiting.remove();
                    removed(pending);
                    gone.add(pending);
                } else {
                    earliest = Math.min(earliest, pending.buffers.deadlineNanos());
                }
            }
        }
        earliestDeadline = earliest;
        return gone;
    }

    /** The request that runs next; null if none waits. */
    @Nullable
    Pending first() {
        for (var level : levels) {
            if (!level.isEmpty()) {
                return level.element();
            }
        }
        return null;
    }

    /** Removes the next batch: at least one request, and further ones as long as all have no more rows than the limit. */
    List<Pending> take(int limit) {
        var batch = new ArrayList<Pending>();
        int taken = 0;
        for (var next = first(); next != null; next = first()) {
            if (!batch.isEmpty() && taken + next.rows > limit) {
                break;
            }
            levels.get(next.buffers.priority() - 1).remove();
            removed(next);
            taken += next.rows;
            batch.add(next);
        }
        if (size == 0) {
            earliestDeadline = BufferScope.NO_DEADLINE;
        }
        return batch;
    }
}
