package dev.sampan.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds watchers on a thread of its own, the dispatcher, which alone touches the table of watchers. What is published, who joins
 * and who leaves goes through one queue, so that a watcher that joins after a group was published sees exactly the later ones. The
 * watchers of a prefix get one shared list.
 */
final class Watchers {

    private static final Logger log = LoggerFactory.getLogger(Watchers.class);

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final Map<String, List<Watcher>> byPrefix = new HashMap<>();
    private volatile long dispatched;
    private final Thread dispatcher = Thread.ofPlatform().name("store-watches").unstarted(this::run);

    private sealed interface Message {

        record Published(List<Event> events, long revision) implements Message {}

        record Joined(Watcher watcher, List<Event> past) implements Message {}

        record Left(Watcher watcher) implements Message {}

        record Stop() implements Message {}
    }

    private final class Watcher implements Subscription {

        private final String prefix;
        private final long fromRevision;
        private final Consumer<List<Event>> consumer;
        private volatile boolean admitted;
        private volatile boolean closed;

        Watcher(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
            this.prefix = prefix;
            this.fromRevision = fromRevision;
            this.consumer = consumer;
        }

        @Override
        public long progress() {
            return admitted ? Math.max(fromRevision, dispatched) : fromRevision;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                messages.add(new Message.Left(this));
            }
        }

        void deliver(List<Event> events) {
            if (closed) {
                return;
            }
            var news = after(fromRevision, events);
            if (news.isEmpty()) {
                return;
            }
            try {
                consumer.accept(news);
            } catch (RuntimeException | Error e) {
                log.error("The consumer of a watch on {} failed and is cut off", prefix, e);
                close();
            }
        }
    }

    void start() {
        dispatcher.setDaemon(true);
        dispatcher.start();
    }

    /** @param revision of the state after the events, of which there may be none */
    void publish(List<Event> events, long revision) {
        messages.add(new Message.Published(events, revision));
    }

    /** @param past what the watcher missed before anything that will be published after this call */
    Subscription join(String prefix, long fromRevision, List<Event> past, Consumer<List<Event>> consumer) {
        var watcher = new Watcher(prefix, fromRevision, consumer);
        messages.add(new Message.Joined(watcher, past));
        return watcher;
    }

    /** Returns at once; what was published before is still delivered. */
    void stop() {
        messages.add(new Message.Stop());
    }

    /** The events whose key starts with {@code prefix}: the same list if that is all of them. */
    static List<Event> under(String prefix, List<Event> events) {
        int first = 0;
        while (first < events.size() && events.get(first).entry().key().startsWith(prefix)) {
            first++;
        }
        if (first == events.size()) {
            return events;
        }
        var some = new ArrayList<>(events.subList(0, first));
        for (var event : events.subList(first + 1, events.size())) {
            if (event.entry().key().startsWith(prefix)) {
                some.add(event);
            }
        }
        return some;
    }

    private static List<Event> after(long revision, List<Event> events) {
        int first = 0;
        while (first < events.size() && events.get(first).revision() <= revision) {
            first++;
        }
        return first == 0 ? events : events.subList(first, events.size());
    }

    private void run() {
        while (true) {
            try {
                switch (messages.take()) {
                    case Message.Published(var events, var revision) -> dispatch(events, revision);
                    case Message.Joined(var watcher, var past) -> admit(watcher, past);
                    case Message.Left(var watcher) -> dismiss(watcher);
                    case Message.Stop() -> {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                log.warn("The store's dispatcher was interrupted and goes on; close() ends it", e);
            }
        }
    }

    private void dispatch(List<Event> events, long revision) {
        byPrefix.forEach((prefix, watchers) -> {
            var matching = under(prefix, events);
            if (!matching.isEmpty()) {
                watchers.forEach(watcher -> watcher.deliver(matching));
            }
        });
        dispatched = revision;
    }

    private void admit(Watcher watcher, List<Event> past) {
        byPrefix.computeIfAbsent(watcher.prefix, prefix -> new ArrayList<>()).add(watcher);
        watcher.deliver(past);
        watcher.admitted = true;
    }

    private void dismiss(Watcher watcher) {
        byPrefix.computeIfPresent(watcher.prefix, (prefix, watchers) -> {
            watchers.remove(watcher);
            return watchers.isEmpty() ? null : watchers;
        });
    }
}
