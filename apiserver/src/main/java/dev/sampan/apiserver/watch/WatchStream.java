package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse.StreamBody;
import dev.sampan.apiserver.ApiResponse.StreamSink;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.Selection;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.store.Event;
import dev.sampan.store.Subscription;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One running watch: initial state, then events, bookmarks in between, until its time is over or it is closed. */
final class WatchStream implements StreamBody {

    private static final long BOOKMARK_EVERY = EventQueue.seconds(60);
    /** A last bookmark shortly before the end lets the client resume where it stopped. */
    private static final long BOOKMARK_BEFORE_END = EventQueue.seconds(2);

    /**
     * What the client asked for.
     *
     * @param initial initial state; null when only changes are wanted
     * @param initialEnd whether a bookmark marks the end of the initial state
     * @param revision revision of the initial state, or from which changes are wanted
     * @param nanos how long the watch lasts
     */
    record Plan(
            ServedType type,
            Selection selection,
            @Nullable Iterable<ObjectView> initial,
            boolean initialEnd,
            boolean bookmarks,
            long revision,
            long nanos) {}

    private final Plan plan;
    private final Frames frames;
    private final SharedEvents shared;
    private final EventQueue queue;
    private final Subscription subscription;
    private final Cut cut;
    private final LongAdder sent;
    private final Runnable onEnd;
    private long lastRevision;

    WatchStream(
            Plan plan,
            Frames frames,
            SharedEvents shared,
            EventQueue queue,
            Subscription subscription,
            Cut cut,
            LongAdder sent,
            Runnable onEnd) {
        this.plan = plan;
        this.frames = frames;
        this.shared = shared;
        this.queue = queue;
        this.subscription = subscription;
        this.cut = cut;
        this.sent = sent;
        this.onEnd = onEnd;
        this.lastRevision = plan.revision();
    }

    @Override
    public void writeTo(StreamSink sink) throws IOException {
        cut.through(sink::abort);
        try {
            writeInitial(sink);
            sink.flush();
            follow(sink);
        } catch (ApiException e) {
            sink.write(frames.error(e.status()));
            sink.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    private void writeInitial(StreamSink sink) throws IOException {
        if (plan.initial() == null) {
            return;
        }
        for (var view : plan.initial()) {
            if (plan.selection().matches(view)) {
                sink.write(frames.event(WatchEvent.initial(view)));
                sent.increment();
            }
        }
        if (plan.initialEnd()) {
            sink.write(frames.bookmark(plan.type(), plan.revision(), true));
        }
    }

    private void follow(StreamSink sink) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long nextBookmark = Math.min(BOOKMARK_EVERY, Math.max(plan.nanos() - BOOKMARK_BEFORE_END, 0));
        while (true) {
            long elapsed = System.nanoTime() - start;
            if (elapsed >= plan.nanos()) {
                return;
            }
            long untilNext = plan.bookmarks() ? nextBookmark - elapsed : Long.MAX_VALUE;
            var batch = queue.poll(Math.min(Math.max(untilNext, 0), plan.nanos() - elapsed));
            if (batch != null) {
                write(batch, sink);
                if (queue.isEmpty()) {
                    sink.flush();
                }
            } else if (queue.closed()) {
                return;
            } else if (plan.bookmarks() && System.nanoTime() - start >= nextBookmark) {
                writeBookmark(sink);
                long end = plan.nanos() - BOOKMARK_BEFORE_END;
                nextBookmark = nextBookmark < end ? Math.min(nextBookmark + BOOKMARK_EVERY, end) : Long.MAX_VALUE;
            }
        }
    }

    /** Says how far the client has seen everything; what was delivered up to there is still written before. */
    private void writeBookmark(StreamSink sink) throws IOException, InterruptedException {
        long progress = subscription.progress();
        for (var batch = queue.poll(0); batch != null; batch = queue.poll(0)) {
            write(batch, sink);
        }
        lastRevision = Math.max(lastRevision, progress);
        sink.write(frames.bookmark(plan.type(), lastRevision, false));
        sink.flush();
    }

    private void write(List<Event> batch, StreamSink sink) throws IOException {
        for (var event : batch) {
            var seen = WatchEvent.seen(shared.of(event), plan.type(), plan.selection());
            if (seen != null) {
                sink.write(frames.event(seen));
                sent.increment();
            }
            lastRevision = event.revision();
        }
    }

    @Override
    public void close() {
        queue.close();
        subscription.close();
        onEnd.run();
    }

    /** A watch that only says why it cannot be. */
    static StreamBody failed(Frames frames, Status status) {
        return new StreamBody() {
            @Override
            public void writeTo(StreamSink sink) throws IOException {
                sink.write(frames.error(status));
                sink.flush();
            }

            @Override
            public void close() {}
        };
    }
}
