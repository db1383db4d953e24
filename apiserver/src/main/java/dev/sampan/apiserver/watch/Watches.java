package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiResponse.StreamBody;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.MetricsText;
import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.Reads;
import dev.sampan.apiserver.registry.Selection;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.table.Shapes;
import dev.sampan.apiserver.wire.Accepted;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.store.CompactedException;
import dev.sampan.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** Opens watches and owns those that run. */
public final class Watches implements AutoCloseable {

    /** Events that may wait for a slow client before it is cut off. */
    private static final int QUEUE_LIMIT = 20_000;

    /** As {@link #QUEUE_LIMIT}, for large objects. */
    private static final long QUEUE_BYTES = 64L * 1024 * 1024;

    private static final long DEFAULT_SECONDS = 1800;

    private record Running(ServedType type, StreamBody body) {
        GroupResource resource() {
            return type.storage().resource();
        }
    }

    private final Store store;
    private final Reads reads;
    private final Shapes shapes;
    private final Protobuf protobuf;
    private final RandomGenerator random;
    private final SharedEvents shared = new SharedEvents();
    private final Set<Running> running = ConcurrentHashMap.newKeySet();
    private final Map<GroupVersionKind, LongAdder> sent = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public Watches(Store store, Reads reads, Shapes shapes, Protobuf protobuf, RandomGenerator random) {
        this.store = store;
        this.reads = reads;
        this.shapes = shapes;
        this.protobuf = protobuf;
        this.random = random;
    }

    /**
     * Starts a watch.
     *
     * @throws ApiException 400 or 422 for bad parameters; a version that is gone is told within the stream, as Kubernetes does
     */
    public ApiResponse open(
            ServedType type, String namespace, Selection selection, ApiRequest request, Accepted accepted) {
        if (closed) {
            throw ApiException.unavailable("the server is shutting down");
        }
        if (accepted.format().equals(MediaType.YAML)) {
            throw ApiException.notAcceptable(
                    type.custom() ? List.of(MediaType.JSON) : List.of(MediaType.JSON, MediaType.PROTOBUF));
        }
        var options = WatchOptions.of(request);
        var frames = frames(type, accepted, request);
        var contentType =
                accepted.format().equals(MediaType.PROTOBUF) ? MediaType.PROTOBUF + ";stream=watch" : MediaType.JSON;
        var headers = Map.of("content-type", List.of(contentType));
        return new ApiResponse.Stream(200, headers, body(type, namespace, selection, options, frames));
    }

    private StreamBody body(
            ServedType type, String namespace, Selection selection, WatchOptions options, Frames frames) {
        List<ObjectView> initial = null;
        long from = options.revision();
        var current = store.snapshot().revision();
        if (options.initialState()) {
            if (from > current) {
                throw dev.sampan.apiserver.registry.Revisions.tooLarge(from, current);
            }
            var page = reads.list(type, namespace);
            initial = page.items();
            from = page.revision();
        } else if (from == 0) {
            from = current;
        }
        var plan = new WatchStream.Plan(
                type,
                selection,
                initial,
                options.initialEnd(),
                options.bookmarks(),
                from,
                EventQueue.seconds(seconds(options)));
        try {
            return start(plan, type.storage().prefix(namespace), frames, current);
        } catch (CompactedException e) {
            var why = "too old resource version: %d (%d)".formatted(from, e.compacted());
            return WatchStream.failed(frames, ApiException.expired(why).status());
        }
    }

    private StreamBody start(WatchStream.Plan plan, String prefix, Frames frames, long current) {
        var cut = new Cut();
        var queue = new EventQueue(QUEUE_LIMIT, QUEUE_BYTES, current, cut::now);
        var subscription = store.watch(prefix, plan.revision(), queue::offer);
        var self = new Running[1];
        var counted = sent.computeIfAbsent(plan.type().gvk(), k -> new LongAdder());
        var body = new WatchStream(plan, frames, shared, queue, subscription, cut, counted, () -> {
            if (self[0] != null) {
                running.remove(self[0]);
            }
        });
        self[0] = new Running(plan.type(), body);
        running.add(self[0]);
        if (closed) {
            body.close();
        }
        return body;
    }

    private long seconds(WatchOptions options) {
        return options.timeoutSeconds() > 0
                ? options.timeoutSeconds()
                : DEFAULT_SECONDS + random.nextLong(DEFAULT_SECONDS);
    }

    private Frames frames(ServedType type, Accepted accepted, ApiRequest request) {
        var shape = shapes.forWatch(type, accepted, request.parameter("includeObject"));
        if (accepted.format().equals(MediaType.PROTOBUF)) {
            return new ProtobufFrames(protobuf, shape == null ? o -> o : shape, request.upgradesToWebSocket());
        }
        return shape == null
                ? new JsonFrames(null, o -> o)
                : new JsonFrames(e -> shape.apply(e.view().tree()), shape);
    }

    /** Those that run, and what they were told, by resource. */
    public void writeMetrics(MetricsText out) {
        var counts = new TreeMap<String, Integer>();
        running.forEach(w -> counts.merge(
                MetricsText.labels(
                        "component",
                        "apiserver",
                        "group",
                        w.type().gvk().group(),
                        "resource",
                        w.type().type().plural(),
                        "subresource",
                        "",
                        "verb",
                        "WATCH",
                        "version",
                        w.type().gvk().version()),
                1,
                Integer::sum));
        out.head(
                "apiserver_longrunning_requests",
                "gauge",
                "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and"
                        + " component. Not all requests are tracked this way.");
        counts.forEach((labels, count) -> out.line("apiserver_longrunning_requests", labels, count));
        out.head("apiserver_watch_events_total", "counter", "Number of events sent in watch clients");
        sent.forEach((type, count) -> out.line(
                "apiserver_watch_events_total",
                MetricsText.labels("group", type.group(), "kind", type.kind(), "version", type.version()),
                count.sum()));
    }

    /** Watches that run now. */
    public int count() {
        return running.size();
    }

    /** Ends the watches of a resource that is no longer served as it was. */
    public void end(GroupResource resource) {
        for (var watch : running) {
            if (watch.resource().equals(resource)) {
                watch.body().close();
            }
        }
    }

    /** Ends all watches and refuses new ones. */
    @Override
    public void close() {
        closed = true;
        for (var watch : running) {
            watch.body().close();
        }
    }
}
