package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Services. Addresses and node ports are handed out by {@link ServiceAllocation}. */
final class ServiceRules implements KindRules {

    private static final int DAY_SECONDS = 86_400;

    private final ServiceAddresses addresses;

    ServiceRules(ServiceAddresses addresses) {
        this.addresses = addresses;
    }

    @Override
    public void setDefaults(ObjectNode service) {
        var spec = Workloads.spec(service);
        Defaults.text(spec, "sessionAffinity", "None");
        if (Meta.text(spec, "sessionAffinity").equals("None")) {
            spec.remove("sessionAffinityConfig");
        } else if (Meta.text(spec, "sessionAffinity").equals("ClientIP")) {
            var config = Defaults.object(Defaults.object(spec, "sessionAffinityConfig"), "clientIP");
            Defaults.number(config, "timeoutSeconds", 10_800);
        }
        Defaults.text(spec, "type", "ClusterIP");
        for (var p : spec.path("ports")) {
            if (p instanceof ObjectNode port) {
                Defaults.text(port, "protocol", "TCP");
                if (Defaults.blank(port, "targetPort")
                        || port.path("targetPort").longValue(1) == 0) {
                    port.set("targetPort", port.path("port"));
                }
            }
        }
        var type = Meta.text(spec, "type");
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            Defaults.text(spec, "externalTrafficPolicy", "Cluster");
        }
        if (type.equals("NodePort") || type.equals("LoadBalancer") || type.equals("ClusterIP")) {
            Defaults.text(spec, "internalTrafficPolicy", "Cluster");
        }
        if (type.equals("LoadBalancer")) {
            Defaults.flag(spec, "allocateLoadBalancerNodePorts", true);
        }
    }

    @Override
    public void prepareForCreate(ObjectNode service, RequestContext context) {
        service.putObject("status").putObject("loadBalancer");
        namePorts(service, context);
        dropNodePorts(service, context);
        new ServiceAllocation(addresses, service, null, context).allocate();
    }

    @Override
    public void prepareForUpdate(ObjectNode service, ObjectNode old, RequestContext context) {
        keepAddresses(service, old);
        dropTypeDependents(service, old);
        dropNodePorts(service, context);
        new ServiceAllocation(addresses, service, old, context).allocate();
    }

    /** An update that does not mention what was allotted keeps it. */
    private static void keepAddresses(ObjectNode service, ObjectNode old) {
        var spec = Workloads.spec(service);
        var before = old.path("spec");
        var external = Meta.text(spec, "type").equals("ExternalName");
        if (!external && !Meta.text(before, "type").equals("ExternalName")) {
            if (Defaults.blank(spec, "clusterIP") && spec.path("clusterIPs").isEmpty()) {
                spec.set("clusterIP", before.path("clusterIP"));
                spec.set("clusterIPs", before.path("clusterIPs").deepCopy());
            } else if (Meta.text(spec, "clusterIP").equals(Meta.text(before, "clusterIP"))
                    && spec.path("clusterIPs").isEmpty()) {
                spec.set("clusterIPs", before.path("clusterIPs").deepCopy());
            }
            if (spec.path("ipFamilies").isEmpty() && !before.path("ipFamilies").isEmpty()) {
                spec.set("ipFamilies", before.path("ipFamilies").deepCopy());
            }
            if (Defaults.blank(spec, "ipFamilyPolicy") && Defaults.has(before, "ipFamilyPolicy")) {
                spec.set("ipFamilyPolicy", before.path("ipFamilyPolicy"));
            }
        }
        if (takesNodePorts(spec) && takesNodePorts(before)) {
            keepNodePorts(spec, before);
        }
    }

    private static boolean takesNodePorts(tools.jackson.databind.JsonNode spec) {
        var type = Meta.text(spec, "type");
        return type.equals("NodePort") || type.equals("LoadBalancer");
    }

    private static void keepNodePorts(ObjectNode spec, tools.jackson.databind.JsonNode before) {
        for (var p : spec.path("ports")) {
            if (p instanceof ObjectNode port && port.path("nodePort").longValue(0) == 0) {
                for (var old : before.path("ports")) {
                    if (old.path("port").equals(port.path("port"))
                            && Meta.text(old, "protocol").equals(Meta.text(port, "protocol"))
                            && old.path("nodePort").longValue(0) != 0) {
                        port.set("nodePort", old.path("nodePort"));
                    }
                }
            }
        }
    }

    /** What only the old type needed goes, unless the client set it anew. */
    private static void dropTypeDependents(ObjectNode service, ObjectNode old) {
        var spec = Workloads.spec(service);
        var before = old.path("spec");
        if (takesNodePorts(before) && !takesNodePorts(spec)) {
            var unchanged = ServiceName.portsOf(service).equals(ServiceName.portsOf(old));
            for (var port : spec.path("ports")) {
                if (unchanged && port instanceof ObjectNode p) {
                    p.remove("nodePort");
                }
            }
            for (var name : new String[] {"externalTrafficPolicy", "healthCheckNodePort"}) {
                if (spec.path(name).equals(before.path(name))) {
                    spec.remove(name);
                }
            }
        }
        if (Meta.text(before, "type").equals("LoadBalancer")
                && !Meta.text(spec, "type").equals("LoadBalancer")) {
            for (var name : new String[] {"allocateLoadBalancerNodePorts", "loadBalancerClass"}) {
                if (spec.path(name).equals(before.path(name))) {
                    spec.remove(name);
                }
            }
        }
        if (Meta.text(before, "type").equals("ExternalName")
                && !Meta.text(spec, "type").equals("ExternalName")
                && spec.path("externalName").equals(before.path("externalName"))) {
            spec.remove("externalName");
        }
    }

    /**
     * A deviation from Kubernetes, which refuses {@code nodePort} on a ClusterIP Service: the field is dropped with a
     * warning. Manifests that this project promises to run have it; old API servers let it pass without opening a port.
     */
    private static void dropNodePorts(ObjectNode service, RequestContext context) {
        if (!Meta.text(service, "spec", "type").equals("ClusterIP")) {
            return;
        }
        var ports = service.path("spec").path("ports");
        for (int i = 0; i < ports.size(); i++) {
            if (ports.path(i) instanceof ObjectNode port
                    && port.path("nodePort").longValue(0) != 0) {
                port.remove("nodePort");
                context.warn(
                        "spec.ports[%d].nodePort: is ignored, because spec.type is ClusterIP; Kubernetes refuses it"
                                .formatted(i));
            }
        }
    }

    /**
     * A deviation from Kubernetes, which refuses a Service with several ports that have no names: when none has one, they are
     * named after their numbers, with a warning. Manifests that this project promises to run have such ports.
     */
    private static void namePorts(ObjectNode service, RequestContext context) {
        var ports = service.path("spec").path("ports");
        if (ports.size() < 2
                || ports.valueStream().anyMatch(port -> !Meta.text(port, "name").isEmpty())) {
            return;
        }
        for (int i = 0; i < ports.size(); i++) {
            if (ports.path(i) instanceof ObjectNode port) {
                var protocol = Meta.text(port, "protocol").toLowerCase(Locale.ROOT);
                var name = "port-" + port.path("port").longValue(0) + (protocol.equals("tcp") ? "" : "-" + protocol);
                port.put("name", name);
                context.warn(
                        "spec.ports[%d].name: is required by Kubernetes where there are several ports; \"%s\" is used"
                                .formatted(i, name));
            }
        }
    }

    @Override
    public void rollBack(ObjectNode service, @Nullable ObjectNode old, RequestContext context) {
        if (!context.dryRun()) {
            addresses.releaseAllBut(service, old, context.objects());
        }
    }

    @Override
    public void afterUpdate(ObjectNode service, ObjectNode old, RequestContext context) {
        addresses.releaseAllBut(old, service, context.objects());
    }

    @Override
    public void afterDelete(ObjectNode service, RequestContext context) {
        addresses.releaseAllBut(service, null, context.objects());
    }

    @Override
    public List<FieldError> validate(ObjectNode service) {
        return new ServiceValidation(service).errors();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode service, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(service, "spec");
        var before = Field.of(old, "spec");
        var external =
                spec.text("type").equals("ExternalName") || before.text("type").equals("ExternalName");
        if (!external && !before.text("clusterIP").isEmpty()) {
            if (!spec.text("clusterIP").equals(before.text("clusterIP"))) {
                errors.add(FieldError.invalid(
                        "spec.clusterIPs[0]", spec.at("clusterIPs").value(), "may not change once set"));
            }
        }
        if (before.text("type").equals("LoadBalancer") && spec.text("type").equals("LoadBalancer")) {
            if (!Errors.same(spec.at("loadBalancerClass"), before.at("loadBalancerClass"))) {
                errors.invalid(spec.at("loadBalancerClass"), "may not change once set");
            }
        }
        return errors.list();
    }

    static void clientIpTimeout(Errors errors, Field timeout) {
        if (timeout.number(0) <= 0 || timeout.number(0) > DAY_SECONDS) {
            errors.invalid(timeout, "must be greater than 0 and less than or equal to " + DAY_SECONDS);
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode service) {
        return Map.of(
                "spec.clusterIP", Meta.text(service, "spec", "clusterIP"),
                "spec.type", Meta.text(service, "spec", "type"));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.clusterIP", "spec.type");
    }

    /** Kubernetes 1.36 still wants a letter first. */
    @Override
    public NameRule nameRule() {
        return NameRule.LABEL_1035;
    }
}
