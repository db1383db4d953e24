package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Reservations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares what Services have with what is reserved, at the start and every few minutes: makes reservations that are missing, as in a
 * cluster of a version that made none, takes back those of servers that died before the Service was stored or after it was deleted, and
 * tells by Events of what only people can mend. As Kubernetes' repair controllers do; every server may run it. One worker.
 */
public final class ServiceRepair implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceRepair.class);
    private static final Duration INTERVAL = Duration.ofMinutes(3);
    private static final Duration LOOK_AT_CIDRS = Duration.ofSeconds(10);

    /** How long a reservation may be without its Service: requests are over before. */
    private static final Duration GRACE = Duration.ofMinutes(2);

    private final Objects objects;
    private final ServiceAddresses free;
    private final ServiceCidrs cidrs;
    private final ServiceEvents events;
    private final InstantSource clock;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("service-addresses").factory());
    private volatile @Nullable AutoCloseable follower;

    public ServiceRepair(Objects objects, ServiceAddresses free, InstantSource clock) {
        this.objects = objects;
        this.free = free;
        this.cidrs = new ServiceCidrs(objects, free.addresses().own(), clock::instant);
        this.events = new ServiceEvents(objects, clock::instant);
        this.clock = clock;
    }

    /** Before the first request: whatever Services have is reserved when this returns. */
    public void start() {
        cidrs.publish();
        int made = 0;
        for (var service : objects.list(ServiceName.SERVICES, "")) {
            made += reserve(service, false);
        }
        if (made > 0) {
            LOG.info("Reserved {} addresses and ports that Services had without", made);
        }
        cidrs.reconcile();
        repeat(this::repair, INTERVAL);
        repeat(cidrs::reconcile, LOOK_AT_CIDRS);
        follower = objects.follow(ServiceCidrs.CIDRS, (before, after) -> {
            if (after != null && !worker.isShutdown()) {
                worker.execute(() -> guarded(cidrs::reconcile));
            }
        });
    }

    private void repeat(Runnable step, Duration interval) {
        var unused = worker.scheduleWithFixedDelay(
                () -> guarded(step), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.warn("Services' addresses could not be checked, will try again: {}", e.toString());
        }
    }

    /** One comparison. */
    void repair() {
        for (var service : objects.list(ServiceName.SERVICES, "")) {
            reserve(service, true);
        }
        for (var address : objects.list(ClusterIps.ADDRESSES, "")) {
            if (ClusterIps.isManaged(address)) {
                check(address);
            }
        }
        for (var held : NodePorts.reservations(objects).all()) {
            check(held);
        }
    }

    /** Reserves what a Service has without; tells of what cannot be. @return how many reservations were made */
    private int reserve(ObjectNode service, boolean tell) {
        int made = 0;
        for (var address : ServiceName.addressesOf(service)) {
            made += reserveAddress(service, address, tell) ? 1 : 0;
        }
        for (int port : ServiceName.portsOf(service)) {
            made += reservePort(service, port, tell) ? 1 : 0;
        }
        return made;
    }

    private boolean reserveAddress(ObjectNode service, String address, boolean tell) {
        var name = ServiceName.of(service);
        var held = objects.get(ClusterIps.ADDRESSES, "", address);
        if (held != null
                && ClusterIps.isService(held)
                && ClusterIps.holder(held).equals(name)) {
            return false;
        }
        if (gone(name, s -> ServiceName.addressesOf(s).contains(address))) {
            return false;
        }
        if (free.addresses().blocks(objects).stream().noneMatch(block -> block.contains(address))) {
            events.warn(
                    service,
                    "ClusterIPOutOfRange",
                    "Cluster IP [IPv4]: %s is not within any configured Service CIDR; please recreate service"
                            .formatted(address));
            return false;
        }
        if (held != null && ClusterIps.isService(held) && has(ClusterIps.holder(held), address)) {
            events.warn(
                    service,
                    "ClusterIPAlreadyAllocated",
                    "Cluster IP [IPv4]: %s already assigned to service %s; please recreate service"
                            .formatted(address, ClusterIps.holder(held)));
            return false;
        }
        if (tell) {
            events.warn(
                    service,
                    "ClusterIPNotAllocated",
                    (held == null
                                    ? "Cluster IP [IPv4]: %s is not allocated; repairing"
                                    : "Cluster IP [IPv4]: %s has a wrong reference; repairing")
                            .formatted(address));
        }
        if (held != null) {
            ClusterIps.delete(held, objects);
        }
        return ClusterIps.create(address, name, objects);
    }

    private boolean has(ServiceName name, String address) {
        return ServiceName.addressesOf(name.find(objects)).contains(address);
    }

    private boolean reservePort(ObjectNode service, int port, boolean tell) {
        var name = ServiceName.of(service);
        var reservations = NodePorts.reservations(objects);
        var held = reservations.get(String.valueOf(port));
        if (held != null && NodePorts.holder(held).equals(name)
                || gone(name, s -> ServiceName.portsOf(s).contains(port))) {
            return false;
        }
        if (!free.ports().contains(port)) {
            events.warn(
                    service,
                    "PortOutOfRange",
                    "Port %d is not within the port range %s; please recreate service"
                            .formatted(port, free.ports().range()));
            return false;
        }
        if (held != null
                && ServiceName.portsOf(NodePorts.holder(held).find(objects)).contains(port)) {
            events.warn(
                    service,
                    "PortAlreadyAllocated",
                    "Port %d was assigned to multiple services; please recreate service".formatted(port));
            return false;
        }
        if (tell) {
            events.warn(service, "PortNotAllocated", "Port %d is not allocated; repairing".formatted(port));
        }
        if (held != null) {
            reservations.giveBack(held);
        }
        return NodePorts.create(port, name, reservations, clock.instant());
    }

    /** Whether a Service was changed or deleted since it was listed. */
    private boolean gone(ServiceName name, java.util.function.Predicate<ObjectNode> has) {
        var latest = name.find(objects);
        return latest == null || !has.test(latest);
    }

    private void check(ObjectNode address) {
        var name = Meta.name(address);
        var holder = ClusterIps.holder(address);
        if (ClusterIps.isService(address)) {
            boolean young = isYoung(Meta.text(address, "metadata", "creationTimestamp"));
            boolean apiServersOwn = holder.equals(ServiceName.KUBERNETES) && name.equals(free.first());
            if (young || apiServersOwn || has(holder, name)) {
                return;
            }
        }
        events.warn(
                address,
                "IPAddressNotAllocated",
                "IPAddress: %s for Service %s appears to have leaked: cleaning up".formatted(name, holder));
        ClusterIps.delete(address, objects);
    }

    private void check(Reservations.Held held) {
        var holder = NodePorts.holder(held);
        int port = Integer.parseInt(held.name());
        if (isYoung(Meta.text(held.note(), "since"))
                || ServiceName.portsOf(holder.find(objects)).contains(port)) {
            return;
        }
        LOG.warn("The node port {} of Service {} appears to have leaked: cleaning up", port, holder);
        NodePorts.reservations(objects).giveBack(held);
    }

    private boolean isYoung(String since) {
        return Instant.parse(since).plus(GRACE).isAfter(clock.instant());
    }

    @Override
    public void close() throws Exception {
        worker.shutdownNow();
        var following = follower;
        if (following != null) {
            following.close();
        }
    }
}
