package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.MetricsText;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.RequestGate;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.flowcontrol.PriorityLevel.Limits;
import dev.sampan.apiserver.flowcontrol.PriorityLevel.Queueing;
import dev.sampan.apiserver.kinds.Meta;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sorts requests into flows and priority levels by the cluster's FlowSchemas and PriorityLevelConfigurations. The store's
 * thread writes the configuration, requests read a snapshot.
 */
public final class FlowControl implements RequestGate, AutoCloseable {

    static final GroupResource SCHEMAS = new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
    static final GroupResource LEVELS =
            new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");

    /** A quarter of the time that a request has, as in Kubernetes. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int OBJECTS_PER_SEAT = 100;
    private static final int MAX_WIDTH = 10;

    /** They run as long as somebody is there; Kubernetes does not limit them. */
    private static final Set<String> LONG_RUNNING = Set.of("attach", "exec", "log", "portforward", "proxy");

    private record Flow(FlowSchema schema, PriorityLevel level) {}

    private final int total;
    private final ToLongFunction<Attributes> listSize;
    private final Duration patience;
    private final DanglingSchemas dangling;
    private final Seats seats = new Seats();
    private final FlowMetrics metrics = new FlowMetrics();
    private final Map<String, FlowSchema> schemas = new TreeMap<>();
    private final Map<String, ObjectNode> configurations = new TreeMap<>();
    private final Map<String, PriorityLevel> levels = new HashMap<>();
    private final List<AutoCloseable> followers = new ArrayList<>();
    private volatile List<Flow> flows = List.of();

    /**
     * @param total seats of all levels: requests that run at once
     * @param listSize how many objects a list would read
     */
    public FlowControl(Objects objects, int total, ToLongFunction<Attributes> listSize, InstantSource clock) {
        this(objects, total, listSize, clock, PATIENCE);
    }

    FlowControl(
            Objects objects, int total, ToLongFunction<Attributes> listSize, InstantSource clock, Duration patience) {
        this.dangling = new DanglingSchemas(objects, clock);
        this.total = total;
        this.listSize = listSize;
        this.patience = patience;
        followers.add(objects.follow(LEVELS, this::levelChanged));
        followers.add(objects.follow(SCHEMAS, this::schemaChanged));
    }

    private synchronized void schemaChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (after != null) {
            schemas.put(Meta.name(after), FlowSchema.of(after));
        } else if (before != null) {
            schemas.remove(Meta.name(before));
        }
        publish();
    }

    private synchronized void levelChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (after != null) {
            configurations.put(Meta.name(after), after);
        } else if (before != null) {
            configurations.remove(Meta.name(before));
        }
        int shares =
                configurations.values().stream().mapToInt(FlowControl::shares).sum();
        seats.configure(() -> {
            levels.keySet().retainAll(configurations.keySet());
            configurations.forEach((name, configuration) -> {
                var limits = limits(configuration, shares);
                var level = levels.get(name);
                if (level == null || !level.uid.equals(Meta.uid(configuration))) {
                    levels.put(name, new PriorityLevel(name, Meta.uid(configuration), limits));
                } else {
                    level.limit(limits);
                }
            });
            return List.copyOf(levels.values());
        });
        publish();
    }

    private static int shares(ObjectNode configuration) {
        var spec = configuration.path("spec");
        return spec.path("limited").isObject()
                ? spec.path("limited").path("nominalConcurrencyShares").intValue(30)
                : spec.path("exempt").path("nominalConcurrencyShares").intValue(0);
    }

    private Limits limits(ObjectNode configuration, int shares) {
        var spec = configuration.path("spec");
        int own = (int) Math.ceil(total * (double) shares(configuration) / Math.max(1, shares));
        if (Meta.text(spec, "type").equals("Exempt")) {
            return new Limits(true, own, 0, 0, null);
        }
        var limited = spec.path("limited");
        int lendable = (int) Math.round(own * limited.path("lendablePercent").intValue(0) / 100.0);
        var borrowing = limited.path("borrowingLimitPercent");
        int borrowable = borrowing.isNumber() ? (int) Math.round(own * borrowing.intValue() / 100.0) : total;
        var response = limited.path("limitResponse");
        var queuing = response.path("queuing");
        var queueing = Meta.text(response, "type").equals("Queue")
                ? new Queueing(
                        queuing.path("queues").intValue(64),
                        queuing.path("handSize").intValue(8),
                        queuing.path("queueLengthLimit").intValue(50))
                : null;
        return new Limits(false, own, lendable, borrowable, queueing);
    }

    private void publish() {
        var result = new ArrayList<Flow>();
        schemas.values().stream()
                .sorted(Comparator.comparingInt(FlowSchema::precedence).thenComparing(FlowSchema::name))
                .forEach(schema -> {
                    var level = levels.get(schema.level());
                    if (level != null) {
                        result.add(new Flow(schema, level));
                    }
                });
        flows = List.copyOf(result);
        dangling.schedule();
    }

    @Override
    public Pass enter(UserInfo user, Attributes attributes, ApiRequest request) {
        var flow = flow(user, attributes);
        if (flow == null) {
            return Pass.FREE;
        }
        var level = flow.level();
        var counts = metrics.of(flow.schema().name(), level.name);
        if (level.limits().exempt() || LONG_RUNNING.contains(attributes.subresource())) {
            counts.dispatched();
            return pass(flow, () -> {});
        }
        int width = width(attributes, request);
        long hash = ShuffleSharding.hash(flow.schema().name(), flow.schema().flow(user, attributes));
        var refusal = seats.take(level, hash, width, patience);
        if (refusal != null) {
            counts.rejected(refusal);
            throw ApiException.tooManyRequests("Too many requests, please try again later.", 1);
        }
        counts.dispatched();
        return pass(flow, () -> seats.giveBack(level, width));
    }

    @Override
    public synchronized void writeMetrics(MetricsText out) {
        metrics.write(out, new TreeMap<>(levels), seats::waiting);
    }

    private @Nullable Flow flow(UserInfo user, Attributes attributes) {
        for (var flow : flows) {
            if (flow.schema().matches(user, attributes)) {
                return flow;
            }
        }
        return null;
    }

    /** Requests of a level that wait now; 0 for a level that there is not. */
    synchronized int waiting(String level) {
        var known = levels.get(level);
        return known == null ? 0 : seats.waiting(known);
    }

    private int width(Attributes attributes, ApiRequest request) {
        if (!attributes.verb().equals("list")) {
            return 1;
        }
        long limit;
        try {
            limit = Long.parseLong(request.parameter("limit"));
        } catch (NumberFormatException e) {
            limit = 0;
        }
        if (limit > 0 && limit <= OBJECTS_PER_SEAT) {
            return 1;
        }
        long size = listSize.applyAsLong(attributes);
        long read = limit > 0 ? Math.min(limit, size) : size;
        return (int) Math.clamp((read + OBJECTS_PER_SEAT - 1) / OBJECTS_PER_SEAT, 1, MAX_WIDTH);
    }

    private static Pass pass(Flow flow, Runnable leave) {
        return new Pass() {
            @Override
            public void leave() {
                leave.run();
            }

            @Override
            public Map<String, List<String>> headers() {
                return Map.of(
                        "x-kubernetes-pf-flowschema-uid", List.of(flow.schema().uid()),
                        "x-kubernetes-pf-prioritylevel-uid", List.of(flow.level().uid));
            }
        };
    }

    @Override
    public void close() throws Exception {
        for (var follower : followers) {
            follower.close();
        }
        dangling.close();
    }
}
