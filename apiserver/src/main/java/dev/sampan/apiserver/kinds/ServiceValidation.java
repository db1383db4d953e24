package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a Service must look like. */
final class ServiceValidation {

    private static final List<String> TYPES = List.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");

    private final Errors errors = new Errors();
    private final Field spec;
    private final String type;
    private final boolean headless;

    ServiceValidation(ObjectNode service) {
        this.spec = Field.of(service, "spec");
        this.type = spec.text("type");
        this.headless = spec.text("clusterIP").equals("None");
    }

    List<FieldError> errors() {
        errors.requiredOneOf(spec.at("type"), TYPES);
        ports();
        errors.labels(spec.at("selector"));
        affinity();
        clusterIps();
        if (type.equals("ExternalName")) {
            externalName();
        }
        external();
        policies();
        return errors.list();
    }

    private void ports() {
        var ports = spec.at("ports");
        if (ports.value().isEmpty() && !headless && !type.equals("ExternalName")) {
            errors.required(ports, "");
        }
        var names = new HashSet<String>();
        var numbers = new HashSet<String>();
        var nodePorts = new HashSet<String>();
        for (var port : ports.items()) {
            port(port, ports.value().size() > 1, names);
            var key = port.text("protocol") + "/" + port.at("port").number(0);
            if (!numbers.add(key)) {
                var shown = JsonNodeFactory.instance.objectNode();
                shown.put("protocol", port.text("protocol"))
                        .put("port", port.at("port").number(0));
                errors.add(FieldError.duplicate(port.path(), shown));
            }
            var nodePort = port.at("nodePort");
            if (nodePort.number(0) != 0 && !nodePorts.add(port.text("protocol") + "/" + nodePort.number(0))) {
                errors.duplicate(nodePort);
            }
        }
        if (type.equals("LoadBalancer") && ports.value().isEmpty()) {
            errors.required(ports, "");
        }
    }

    private void port(Field port, boolean named, HashSet<String> names) {
        var name = port.at("name");
        if (name.text().isEmpty()) {
            if (named) {
                errors.required(name, "");
            }
        } else {
            errors.names(name, Names.dns1123Label(name.text()));
            if (!names.add(name.text())) {
                errors.duplicate(name);
            }
        }
        errors.port(port.at("port"));
        errors.requiredOneOf(port.at("protocol"), PROTOCOLS);
        errors.portOrName(port.at("targetPort"));
        if (!port.text("appProtocol").isEmpty()) {
            errors.names(port.at("appProtocol"), Names.qualifiedName(port.text("appProtocol")));
        }
        if (port.at("nodePort").number(0) != 0 && (type.equals("ClusterIP") || type.equals("ExternalName"))) {
            errors.forbidden(port.at("nodePort"), "may not be used when `type` is '" + type + "'");
        }
    }

    private void affinity() {
        errors.requiredOneOf(spec.at("sessionAffinity"), List.of("ClientIP", "None"));
        var config = spec.at("sessionAffinityConfig");
        if (spec.text("sessionAffinity").equals("ClientIP")) {
            ServiceRules.clientIpTimeout(errors, config.at("clientIP").at("timeoutSeconds"));
        } else if (spec.text("sessionAffinity").equals("None") && config.present()) {
            errors.forbidden(config, "must not be set when session affinity is None");
        }
    }

    private void clusterIps() {
        var all = spec.at("clusterIPs");
        if (type.equals("ExternalName")) {
            for (var name : new String[] {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
                if (spec.has(name) && !spec.at(name).value().isEmpty()
                        || !spec.text(name).isEmpty()) {
                    errors.forbidden(spec.at(name), "may not be set for ExternalName services");
                }
            }
            return;
        }
        if (headless && type.matches("NodePort|LoadBalancer")) {
            errors.invalid(
                    spec.at("clusterIPs").item(0), "None", "may not be set to 'None' for %s services".formatted(type));
        }
        if (!all.value().isEmpty() && !all.value().path(0).stringValue("").equals(spec.text("clusterIP"))) {
            errors.invalid(all, "first value must match `clusterIP`");
        }
        for (var address : all.items()) {
            if (address.text().equals("None")) {
                if (all.value().size() > 1) {
                    errors.invalid(address, "'None' must be the first and only value");
                }
            } else {
                Addresses.check(errors, address);
            }
        }
        for (var family : spec.at("ipFamilies").items()) {
            errors.oneOf(family, List.of("IPv4", "IPv6"));
        }
        if (!spec.text("ipFamilyPolicy").isEmpty()) {
            errors.oneOf(spec.at("ipFamilyPolicy"), List.of("SingleStack", "PreferDualStack", "RequireDualStack"));
        }
        if (spec.text("ipFamilyPolicy").equals("RequireDualStack") && !headlessSelectorless()) {
            errors.invalid(spec.at("ipFamilyPolicy"), "this cluster is not configured for dual-stack services");
        }
    }

    private boolean headlessSelectorless() {
        return headless && spec.at("selector").value().isEmpty();
    }

    private void externalName() {
        var name = spec.at("externalName");
        var value =
                name.text().endsWith(".") ? name.text().substring(0, name.text().length() - 1) : name.text();
        if (value.isEmpty()) {
            errors.required(name, "");
        } else {
            errors.names(name, Names.dns1123Subdomain(value));
        }
    }

    private void external() {
        for (var address : spec.at("externalIPs").items()) {
            Addresses.check(errors, address);
            if (address.text().startsWith("127.")) {
                errors.invalid(address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
            }
        }
        for (var range : spec.at("loadBalancerSourceRanges").items()) {
            Addresses.checkCidr(errors, range);
        }
        if (!type.equals("LoadBalancer")) {
            for (var name :
                    new String[] {"allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"}) {
                if (spec.has(name)
                        && !(spec.at(name).value().isArray()
                                && spec.at(name).value().isEmpty())) {
                    errors.forbidden(spec.at(name), "may only be used when `type` is 'LoadBalancer'");
                }
            }
        }
    }

    private void policies() {
        var policies = List.of("Cluster", "Local");
        var outside = spec.at("externalTrafficPolicy");
        if (type.matches("NodePort|LoadBalancer")) {
            errors.requiredOneOf(outside, policies);
        } else if (!outside.text().isEmpty() && spec.at("externalIPs").value().isEmpty()) {
            errors.invalid(outside, "may only be set for externally-accessible services");
        }
        if (spec.has("internalTrafficPolicy")) {
            errors.oneOf(spec.at("internalTrafficPolicy"), policies);
        } else if (!type.equals("ExternalName") && TYPES.contains(type)) {
            errors.required(spec.at("internalTrafficPolicy"), "");
        }
        if (spec.has("trafficDistribution")) {
            errors.oneOf(spec.at("trafficDistribution"), List.of("PreferClose", "PreferSameNode", "PreferSameZone"));
        }
        var health = spec.at("healthCheckNodePort");
        if (health.number(0) != 0
                && !(type.equals("LoadBalancer") && outside.text().equals("Local"))) {
            errors.invalid(
                    health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }
}
