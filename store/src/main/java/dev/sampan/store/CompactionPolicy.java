package dev.sampan.store;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Decides from {@link Retention} up to where history may go. Owned by the sequencer thread. */
final class CompactionPolicy {

    private record Mark(Instant time, long revision) {}

    private final Retention retention;
    private final Deque<Mark> marks = new ArrayDeque<>();

    CompactionPolicy(Retention retention) {
        this.retention = retention;
    }

    /**
     * The revision to compact to now. Called every few seconds: the calls are what gives revisions an age.
     *
     * @return {@code compacted} itself when nothing has to go
     */
    long target(Instant now, long current, long compacted) {
        var last = marks.peekLast();
        if (last == null || last.revision() < current) {
            marks.addLast(new Mark(now, current));
        }
        long target = Math.max(compacted, current - retention.maxRevisions());
        for (var mark = marks.peekFirst(); mark != null && expired(mark, now); mark = marks.peekFirst()) {
            target = Math.max(target, mark.revision());
            marks.removeFirst();
        }
        return target;
    }

    private boolean expired(Mark mark, Instant now) {
        return mark.time().plus(retention.age()).isBefore(now);
    }
}
