package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * ServiceCIDRs: shows this server's range as {@code kubernetes}, declares others ready, and lets one go only when nobody has an address
 * that no other holds, as Kubernetes' controllers do. Only IPv4 addresses are handed out. Used by one thread, apart from {@link #usable}.
 */
final class ServiceCidrs {

    static final GroupResource CIDRS = new GroupResource("networking.k8s.io", "servicecidrs");

    private static final Logger LOG = LoggerFactory.getLogger(ServiceCidrs.class);
    private static final String OWN = "kubernetes";
    private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";

    private final Objects objects;
    private final AddressBlock own;
    private final Supplier<Instant> now;

    ServiceCidrs(Objects objects, AddressBlock own, Supplier<Instant> now) {
        this.objects = objects;
        this.own = own;
        this.now = now;
    }

    /** The blocks that new addresses may come from. */
    static Stream<AddressBlock> usable(Objects objects) {
        return objects.list(CIDRS, "").stream()
                .filter(cidr -> !Meta.isTerminating(cidr))
                .flatMap(ServiceCidrs::blocks);
    }

    private static Stream<AddressBlock> blocks(JsonNode cidr) {
        return cidr.path("spec")
                .path("cidrs")
                .valueStream()
                .map(text -> text.stringValue(""))
                .filter(text -> Addresses.isCidr(text) && !text.contains(":"))
                .map(AddressBlock::of);
    }

    /** Makes the object of this server's range, when there is none. */
    void publish() {
        var present = objects.get(CIDRS, "", OWN);
        if (present == null) {
            var cidr = JsonNodeFactory.instance.objectNode();
            cidr.putObject("metadata").put("name", OWN);
            cidr.putObject("spec").putArray("cidrs").add(own.cidr());
            try {
                objects.create(CIDRS, cidr);
            } catch (ApiException e) {
                if (!e.isAlreadyExists()) {
                    throw e;
                }
            }
        } else if (blocks(present).noneMatch(own::equals)) {
            LOG.warn(
                    "Services' addresses come from {} here, but the ServiceCIDR {} says {}: all servers of a cluster need the same"
                            + " --service-cluster-ip-range; if this one is right, delete that ServiceCIDR",
                    own.cidr(),
                    OWN,
                    present.path("spec").path("cidrs"));
        }
    }

    void reconcile() {
        for (var cidr : objects.list(CIDRS, "")) {
            try {
                reconcile(cidr);
            } catch (ApiException e) {
                if (!e.isNotFound()) {
                    LOG.warn("The ServiceCIDR {} could not be worked on: {}", Meta.name(cidr), e.getMessage());
                }
            }
        }
    }

    private void reconcile(ObjectNode cidr) {
        var name = Meta.name(cidr);
        if (!Meta.isTerminating(cidr)) {
            var message =
                    name.equals(OWN) ? "Kubernetes default Service CIDR is ready" : "Kubernetes Service CIDR is ready";
            if (!finalizers(cidr).contains(FINALIZER) || !has(cidr, "True", message)) {
                objects.modify(CIDRS, "", name, latest -> {
                    if (!Meta.isTerminating(latest) && !finalizers(latest).contains(FINALIZER)) {
                        latest.withObject("/metadata").withArray("finalizers").add(FINALIZER);
                    }
                    return withCondition(latest, "True", "", message);
                });
            }
        } else if (!finalizers(cidr).contains(FINALIZER)) {
            return; // others hold it
        } else if (isNeeded(cidr)) {
            var message =
                    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
            if (!has(cidr, "False", message)) {
                objects.modify(CIDRS, "", name, latest -> withCondition(latest, "False", "Terminating", message));
            }
        } else {
            objects.modify(CIDRS, "", name, latest -> {
                var kept = finalizers(latest).stream()
                        .filter(f -> !f.equals(FINALIZER))
                        .toList();
                var list = latest.withObject("/metadata").putArray("finalizers");
                kept.forEach(list::add);
                return latest;
            });
        }
    }

    /** Whether a Service has an address of it that is in no other block. */
    private boolean isNeeded(ObjectNode cidr) {
        var others = usable(objects).toList();
        var gone = blocks(cidr).toList();
        return objects.list(ClusterIps.ADDRESSES, "").stream()
                .filter(ClusterIps::isManaged)
                .map(Meta::name)
                .anyMatch(address -> gone.stream().anyMatch(block -> block.contains(address))
                        && others.stream().noneMatch(block -> block.contains(address)));
    }

    private static List<String> finalizers(JsonNode object) {
        return object.path("metadata")
                .path("finalizers")
                .valueStream()
                .map(f -> f.stringValue(""))
                .toList();
    }

    private static boolean has(JsonNode cidr, String status, String message) {
        return cidr.path("status")
                .path("conditions")
                .valueStream()
                .anyMatch(c -> Meta.text(c, "type").equals("Ready")
                        && Meta.text(c, "status").equals(status)
                        && Meta.text(c, "message").equals(message));
    }

    private ObjectNode withCondition(ObjectNode cidr, String status, String reason, String message) {
        var conditions = JsonNodeFactory.instance.arrayNode();
        cidr.path("status")
                .path("conditions")
                .valueStream()
                .filter(c -> !Meta.text(c, "type").equals("Ready"))
                .forEach(conditions::add);
        conditions
                .addObject()
                .put("type", "Ready")
                .put("status", status)
                .put("reason", reason)
                .put("message", message)
                .put(
                        "lastTransitionTime",
                        now.get().truncatedTo(ChronoUnit.SECONDS).toString());
        cidr.withObject("/status").set("conditions", conditions);
        return cidr;
    }
}
