package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Cluster IPs. Whoever creates the IPAddress of an address has it: the store lets only one do so, whichever server asks. Holds no state
 * of its own.
 */
final class ClusterIps {

    static final GroupResource ADDRESSES = new GroupResource("networking.k8s.io", "ipaddresses");

    private static final String MANAGER = "ipaddress.kubernetes.io/managed-by";
    private static final String MANAGED_BY = "ipallocator.k8s.io";

    private final AddressBlock own;
    private final RandomGenerator random;

    /** @param own the range that this server was started with; ServiceCIDRs may add others */
    ClusterIps(AddressBlock own, RandomGenerator random) {
        this.own = own;
        this.random = random;
    }

    AddressBlock own() {
        return own;
    }

    /** The address of the API server's own Service, which is never anybody else's. */
    String first() {
        return AddressBlock.text(own.first());
    }

    void take(String address, ServiceName service, Objects objects, boolean dryRun) throws Taken {
        var blocks = blocks(objects);
        if (blocks.stream().noneMatch(block -> block.contains(address))) {
            var ranges = blocks.stream().map(AddressBlock::cidr).collect(Collectors.joining(","));
            throw new Taken(
                    "failed to allocate IP %s: the provided IP (%s) is not in the valid range. The range of valid IPs is %s"
                            .formatted(address, address, ranges));
        }
        boolean apiServersOwn = service.equals(ServiceName.KUBERNETES) && address.equals(first());
        if (!claim(address, service, objects, dryRun) && !apiServersOwn) {
            throw new Taken("failed to allocate IP %s: provided IP is already allocated".formatted(address));
        }
    }

    String takeAny(ServiceName service, Objects objects, boolean dryRun) throws Taken {
        for (var block : blocks(objects)) {
            for (long start : new long[] {block.upper(), block.first()}) {
                var address = takeAny(start, block.last(), service, objects, dryRun);
                if (address != null) {
                    return address;
                }
            }
        }
        throw new Taken("failed to allocate a serviceIP: range is full");
    }

    private @Nullable String takeAny(long start, long last, ServiceName service, Objects objects, boolean dryRun) {
        long size = last - start + 1;
        long offset = size > 0 ? random.nextLong(size) : 0;
        for (long i = 0; i < size; i++) {
            var address = AddressBlock.text(start + (offset + i) % size);
            if (claim(address, service, objects, dryRun)) {
                return address;
            }
        }
        return null;
    }

    /** Where addresses may come from. */
    List<AddressBlock> blocks(Objects objects) {
        return Stream.concat(Stream.of(own), ServiceCidrs.usable(objects))
                .distinct()
                .toList();
    }

    private boolean claim(String address, ServiceName service, Objects objects, boolean dryRun) {
        if (address.equals(first()) && !service.equals(ServiceName.KUBERNETES)) {
            return false;
        }
        if (objects.get(ADDRESSES, "", address) != null) {
            return false;
        }
        return dryRun || create(address, service, objects);
    }

    /** False when somebody has it. */
    static boolean create(String address, ServiceName service, Objects objects) {
        var object = JsonNodeFactory.instance.objectNode();
        object.putObject("metadata")
                .put("name", address)
                .putObject("labels")
                .put("ipaddress.kubernetes.io/ip-family", "IPv4")
                .put(MANAGER, MANAGED_BY);
        var parent = object.putObject("spec").putObject("parentRef");
        parent.put("group", "").put("resource", "services");
        service.writeTo(parent);
        try {
            objects.create(ADDRESSES, object);
            return true;
        } catch (ApiException e) {
            if (e.isAlreadyExists()) {
                return false;
            }
            throw e;
        }
    }

    /** Frees an address that a Service has; that of the API server's own stays with it. */
    void giveBack(String address, ServiceName service, Objects objects) {
        var held = objects.get(ADDRESSES, "", address);
        boolean permanent = service.equals(ServiceName.KUBERNETES) && address.equals(first());
        if (held != null && !permanent && isService(held) && holder(held).equals(service)) {
            delete(held, objects);
        }
    }

    /** Deletes this IPAddress and none that was made meanwhile. */
    static void delete(ObjectNode held, Objects objects) {
        var options = JsonNodeFactory.instance.objectNode();
        options.putObject("preconditions").put("uid", Meta.uid(held));
        try {
            objects.delete(ADDRESSES, "", Meta.name(held), options);
        } catch (ApiException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    /** Whether the allocator made it; others are their makers' business. */
    static boolean isManaged(JsonNode address) {
        return MANAGED_BY.equals(Meta.labels(address).get(MANAGER));
    }

    static boolean isService(JsonNode address) {
        var parent = address.path("spec").path("parentRef");
        return Meta.text(parent, "group").isEmpty()
                && Meta.text(parent, "resource").equals("services");
    }

    static ServiceName holder(JsonNode address) {
        return ServiceName.in(address.path("spec").path("parentRef"));
    }
}
