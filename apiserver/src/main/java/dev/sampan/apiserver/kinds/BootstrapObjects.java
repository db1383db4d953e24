package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the API server itself keeps in every cluster: its own Service and the system's priority classes. */
public final class BootstrapObjects {

    private static final GroupResource PRIORITY_CLASSES = new GroupResource("scheduling.k8s.io", "priorityclasses");
    private static final GroupResource ENDPOINTS = new GroupResource("", "endpoints");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");
    private static final String NAMESPACE = "default";
    private static final String NAME = "kubernetes";

    private final Objects objects;
    private final ServiceAddresses addresses;

    public BootstrapObjects(Objects objects, ServiceAddresses addresses) {
        this.objects = objects;
        this.addresses = addresses;
    }

    /** Creates what does not depend on where the server listens. */
    public void create() {
        priorityClass(
                "system-node-critical",
                2_000_001_000L,
                "Used for system critical pods that must not be moved from their current node.");
        priorityClass(
                "system-cluster-critical",
                2_000_000_000L,
                "Used for system critical pods that must run in the cluster, but can be moved to another node if"
                        + " necessary.");
        service();
    }

    /** Tells the cluster where the API is: the endpoints of {@code default/kubernetes}. */
    public void publish(String address, int port) {
        var endpoints = object("v1", "Endpoints");
        var subset = endpoints.putArray("subsets").addObject();
        subset.putArray("addresses").addObject().put("ip", address);
        subset.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", port)
                .put("protocol", "TCP");
        ((ObjectNode) endpoints.path("metadata"))
                .putObject("labels")
                .put("endpointslice.kubernetes.io/skip-mirror", "true");
        put(ENDPOINTS, endpoints, "subsets");

        var slice = object("discovery.k8s.io/v1", "EndpointSlice");
        ((ObjectNode) slice.path("metadata")).putObject("labels").put("kubernetes.io/service-name", NAME);
        slice.put("addressType", "IPv4");
        var endpoint = slice.putArray("endpoints").addObject();
        endpoint.putArray("addresses").add(address);
        endpoint.putObject("conditions").put("ready", true);
        slice.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", port)
                .put("protocol", "TCP");
        put(SLICES, slice, "endpoints", "ports");
    }

    private void service() {
        var service = object("v1", "Service");
        ((ObjectNode) service.path("metadata"))
                .putObject("labels")
                .put("component", "apiserver")
                .put("provider", "kubernetes");
        var spec = service.putObject("spec");
        spec.put("clusterIP", addresses.first()).put("type", "ClusterIP");
        spec.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", 443)
                .put("protocol", "TCP")
                .put("targetPort", 6443);
        put(ServiceName.SERVICES, service);
    }

    private void priorityClass(String name, long value, String description) {
        var one = JsonNodeFactory.instance.objectNode();
        one.put("apiVersion", "scheduling.k8s.io/v1").put("kind", "PriorityClass");
        one.putObject("metadata").put("name", name);
        one.put("value", value).put("description", description).put("preemptionPolicy", "PreemptLowerPriority");
        put(PRIORITY_CLASSES, one);
    }

    private static ObjectNode object(String apiVersion, String kind) {
        var object = JsonNodeFactory.instance.objectNode();
        object.put("apiVersion", apiVersion).put("kind", kind);
        object.putObject("metadata").put("name", NAME).put("namespace", NAMESPACE);
        return object;
    }

    /** Creates an object, or brings the named fields of the present one up to date. */
    private void put(GroupResource resource, ObjectNode wanted, String... fields) {
        var namespace = Meta.namespace(wanted);
        var name = Meta.name(wanted);
        try {
            var present = objects.get(resource, namespace, name);
            if (present == null) {
                objects.create(resource, wanted);
                return;
            }
        } catch (ApiException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
        if (fields.length > 0) {
            objects.modify(resource, namespace, name, latest -> {
                for (var field : fields) {
                    latest.set(field, wanted.path(field).deepCopy());
                }
                return latest;
            });
        }
    }
}
