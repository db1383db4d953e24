package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.Quantity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@code status.used} of quotas equal to what their namespaces hold, as Kubernetes' resource quota controller does.
 * It lives beside the admission plugin because both have to count by the same rules. Resources are followed from the
 * moment that a quota names them; one worker counts.
 */
public final class QuotaRecount implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QuotaRecount.class);
    private static final Duration DEBOUNCE = Duration.ofMillis(20);
    private static final int LOCKS = 64;
    private static final Duration RESYNC = Duration.ofMinutes(5);

    private final Objects objects;
    private final QuotaCharges charges;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("quota").factory());
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
    private final Set<String> waiting = new HashSet<>();
    private final Map<GroupResource, AutoCloseable> followed = new HashMap<>();
    private boolean closed;

    public QuotaRecount(Objects objects, InstantSource clock) {
        this.objects = objects;
        this.charges = new QuotaCharges(clock);
        follow(ResourceQuota.QUOTAS);
        var period = RESYNC.toMillis();
        var unused = worker.scheduleWithFixedDelay(this::recountAll, period, period, TimeUnit.MILLISECONDS);
    }

    QuotaCharges charges() {
        return charges;
    }

    /** Held while a namespace is counted, and while something is charged and written down as charged. */
    ReentrantLock lock(String namespace) {
        return locks.get(Math.floorMod(namespace.hashCode(), LOCKS));
    }

    private void recountAll() {
        for (var quota : objects.list(ResourceQuota.QUOTAS, "")) {
            schedule(Meta.namespace(quota), DEBOUNCE);
        }
    }

    /** Registers first: the listener asks for recounts of its own. */
    private synchronized void follow(GroupResource resource) {
        if (closed || followed.containsKey(resource)) {
            return;
        }
        try {
            followed.put(resource, objects.follow(resource, (before, after) -> changed(resource, before, after)));
        } catch (ApiException e) {
            LOG.debug("{} is not served, nothing to count", resource);
        }
    }

    private void changed(GroupResource resource, @Nullable ObjectNode before, @Nullable ObjectNode after) {
        var object = after == null ? before : after;
        if (object == null) {
            return;
        }
        boolean quota = resource.equals(ResourceQuota.QUOTAS);
        if (quota && before != null && after != null && !quotaChanged(before, after)) {
            return;
        }
        if (!quota && before != null && after != null && sameUsage(resource, before, after)) {
            return;
        }
        if (!quota && objects.list(ResourceQuota.QUOTAS, Meta.namespace(object)).isEmpty()) {
            return;
        }
        schedule(Meta.namespace(object), DEBOUNCE);
    }

    private static boolean quotaChanged(ObjectNode before, ObjectNode after) {
        return !before.path("spec").equals(after.path("spec"))
                || !before.path("status")
                        .path("hard")
                        .equals(after.path("status").path("hard"));
    }

    /** Everything that a quota can look at: amounts, and what scopes ask for. */
    private static boolean sameUsage(GroupResource resource, ObjectNode before, ObjectNode after) {
        return QuotaUsage.of(resource, before).equals(QuotaUsage.of(resource, after))
                && before.path("spec")
                        .path("activeDeadlineSeconds")
                        .equals(after.path("spec").path("activeDeadlineSeconds"));
    }

    private void schedule(String namespace, Duration delay) {
        synchronized (waiting) {
            if (!waiting.add(namespace) || worker.isShutdown()) {
                return;
            }
        }
        var unused = worker.schedule(() -> run(namespace), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run(String namespace) {
        synchronized (waiting) {
            waiting.remove(namespace);
        }
        try {
            recount(namespace);
            var next = charges.untilNext(namespace);
            if (next != null) {
                schedule(namespace, next.isNegative() ? DEBOUNCE : next.plus(DEBOUNCE));
            }
        } catch (RuntimeException e) {
            LOG.warn("The quotas of namespace {} could not be counted: {}", namespace, e.getMessage());
        }
    }

    /** Counts the quotas of a namespace now. */
    void recount(String namespace) {
        for (var quota : objects.list(ResourceQuota.QUOTAS, namespace)) {
            var names = quota.path("spec").path("hard").propertyNames();
            names.stream().map(QuotaUsage::counted).distinct().forEach(this::follow);
            var lock = lock(namespace);
            lock.lock();
            try {
                objects.modify(ResourceQuota.QUOTAS, namespace, Meta.name(quota), this::counted);
            } catch (ApiException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** The objects are listed after the quota was read: whatever is charged later makes the write a conflict. */
    private ObjectNode counted(ObjectNode quota) {
        var namespace = Meta.namespace(quota);
        var hard = Amounts.of(quota.path("spec").path("hard"));
        var lists = new HashMap<GroupResource, List<ObjectNode>>();
        var used = new TreeMap<String, Quantity>();
        hard.byName().keySet().forEach(name -> used.put(name, Quantity.ZERO));
        var sum = new Amounts(used);
        for (var name : hard.byName().keySet()) {
            lists.computeIfAbsent(QuotaUsage.counted(name), r -> objects.list(r, namespace));
        }
        for (var entry : lists.entrySet()) {
            for (var object : entry.getValue()) {
                if (QuotaUsage.inScope(quota, entry.getKey(), object)) {
                    sum = sum.plus(QuotaUsage.of(entry.getKey(), object)
                            .only(hard.byName().keySet()));
                }
            }
        }
        sum = sum.plus(charges.outstanding(
                namespace,
                Meta.name(quota),
                (resource, name) -> lists.getOrDefault(resource, List.of()).stream()
                        .anyMatch(o -> Meta.name(o).equals(name))));
        return withStatus(quota, hard, sum);
    }

    private static ObjectNode withStatus(ObjectNode quota, Amounts hard, Amounts used) {
        var status = JsonNodeFactory.instance.objectNode();
        hard.writeTo(status.putObject("hard"));
        used.writeTo(status.putObject("used"));
        var present = quota.path("status");
        if (Amounts.of(present.path("hard")).equals(hard)
                && Amounts.of(present.path("used")).equals(used)) {
            return quota;
        }
        quota.set("status", status);
        return quota;
    }

    @Override
    public synchronized void close() throws Exception {
        closed = true;
        for (var follower : followed.values()) {
            follower.close();
        }
        worker.shutdownNow();
    }
}
