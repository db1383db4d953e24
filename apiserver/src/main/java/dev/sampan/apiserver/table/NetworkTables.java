package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.at;
import static dev.sampan.apiserver.table.Cells.text;
import static dev.sampan.apiserver.table.Cells.textAt;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.table.KindTable.Part;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Services and everything that leads to them. */
final class NetworkTables {

    private static final int MAX_SHOWN = 3;

    private NetworkTables() {}

    static void addTo(Map<GroupResource, KindTable> tables) {
        tables.put(new GroupResource("", "services"), services());
        tables.put(new GroupResource("", "endpoints"), endpoints());
        tables.put(new GroupResource("discovery.k8s.io", "endpointslices"), endpointSlices());
        tables.put(new GroupResource("networking.k8s.io", "ingresses"), ingresses());
        tables.put(new GroupResource("extensions", "ingresses"), ingresses());
        tables.put(
                new GroupResource("networking.k8s.io", "ingressclasses"),
                KindTable.of(
                        Part.name(),
                        Part.text("Controller", textAt("spec.controller")),
                        Part.text("Parameters", NetworkTables::parameters),
                        Part.age()));
        tables.put(
                new GroupResource("networking.k8s.io", "ipaddresses"),
                KindTable.of(Part.name(), Part.text("ParentRef", NetworkTables::parentRef)));
        tables.put(
                new GroupResource("networking.k8s.io", "servicecidrs"),
                KindTable.of(
                        Part.name(),
                        Part.text("CIDRs", o -> String.join(",", Cells.strings(at(o, "spec.cidrs")))),
                        Part.age()));
        tables.put(
                new GroupResource("networking.k8s.io", "networkpolicies"),
                KindTable.of(
                        Part.name(),
                        Part.text("Pod-Selector", o -> Cells.selector(at(o, "spec.podSelector"))),
                        Part.age()));
    }

    /** {@code services/NAMESPACE/NAME}. */
    private static String parentRef(JsonNode address) {
        var parent = at(address, "spec.parentRef");
        var group = text(parent, "group");
        var resource = group.isEmpty() ? text(parent, "resource") : text(parent, "resource") + "." + group;
        var namespace = text(parent, "namespace");
        return resource + "/" + (namespace.isEmpty() ? "" : namespace + "/") + text(parent, "name");
    }

    private static KindTable services() {
        return KindTable.of(
                Part.name(),
                Part.text("Type", textAt("spec.type")),
                Part.text("Cluster-IP", NetworkTables::clusterIp),
                Part.text("External-IP", NetworkTables::externalIp),
                Part.text("Port(s)", NetworkTables::servicePorts),
                Part.age(),
                Part.wide("Selector", o -> Cells.labels(at(o, "spec.selector"))));
    }

    private static String clusterIp(JsonNode service) {
        var address = text(service, "spec.clusterIP");
        return Cells.or(address, Cells.NONE);
    }

    private static String externalIp(JsonNode service) {
        var listed = Cells.strings(at(service, "spec.externalIPs"));
        return switch (text(service, "spec.type")) {
            case "LoadBalancer" -> {
                var all = new ArrayList<String>();
                for (var ingress : at(service, "status.loadBalancer.ingress")) {
                    var ip = ingress.path("ip").asString("");
                    all.add(ip.isEmpty() ? ingress.path("hostname").asString("") : ip);
                }
                all.addAll(listed);
                yield all.isEmpty() ? "<pending>" : String.join(",", all);
            }
            case "ExternalName" -> text(service, "spec.externalName");
            default -> listed.isEmpty() ? Cells.NONE : String.join(",", listed);
        };
    }

    private static String servicePorts(JsonNode service) {
        var result = new ArrayList<String>();
        for (var port : at(service, "spec.ports")) {
            long node = port.path("nodePort").asLong(0);
            result.add(port.path("port").asLong() + (node > 0 ? ":" + node : "") + "/"
                    + port.path("protocol").asString("TCP"));
        }
        return result.isEmpty() ? Cells.NONE : String.join(",", result);
    }

    private static KindTable endpoints() {
        return KindTable.of(Part.name(), Part.text("Endpoints", NetworkTables::addresses), Part.age());
    }

    private static String addresses(JsonNode endpoints) {
        var result = new ArrayList<String>();
        for (var subset : endpoints.path("subsets")) {
            for (var address : subset.path("addresses")) {
                var ip = address.path("ip").asString("");
                if (subset.path("ports").isEmpty()) {
                    result.add(ip);
                }
                subset.path("ports")
                        .forEach(p -> result.add(ip + ":" + p.path("port").asLong()));
            }
        }
        return shortened(result, Cells.NONE);
    }

    private static KindTable endpointSlices() {
        return KindTable.of(
                Part.name(),
                Part.text("AddressType", textAt("addressType")),
                Part.text("Ports", NetworkTables::slicePorts),
                Part.text("Endpoints", NetworkTables::sliceAddresses),
                Part.age());
    }

    private static String slicePorts(JsonNode slice) {
        var result = new ArrayList<String>();
        for (var port : slice.path("ports")) {
            result.add(
                    port.path("port").isNumber()
                            ? Long.toString(port.path("port").asLong())
                            : "*");
        }
        return shortened(result, Cells.UNSET);
    }

    private static String sliceAddresses(JsonNode slice) {
        var result = new ArrayList<String>();
        slice.path("endpoints").forEach(e -> result.addAll(Cells.strings(e.path("addresses"))));
        return shortened(result, Cells.UNSET);
    }

    private static String shortened(List<String> all, String none) {
        if (all.isEmpty()) {
            return none;
        }
        return all.size() <= MAX_SHOWN
                ? String.join(",", all)
                : String.join(",", all.subList(0, MAX_SHOWN)) + " + " + (all.size() - MAX_SHOWN) + " more...";
    }

    private static KindTable ingresses() {
        return KindTable.of(
                Part.name(),
                Part.text("Class", NetworkTables::ingressClass),
                Part.text("Hosts", NetworkTables::hosts),
                Part.text("Address", NetworkTables::ingressAddress),
                Part.text("Ports", o -> at(o, "spec.tls").isEmpty() ? "80" : "80, 443"),
                Part.age());
    }

    private static String ingressClass(JsonNode ingress) {
        var name = text(ingress, "spec.ingressClassName");
        return Cells.or(
                name,
                ingress.path("metadata")
                        .path("annotations")
                        .path("kubernetes.io/ingress.class")
                        .asString(Cells.NONE));
    }

    private static String hosts(JsonNode ingress) {
        var hosts = new LinkedHashSet<String>();
        for (var rule : at(ingress, "spec.rules")) {
            hosts.add(Cells.or(rule.path("host").asString(""), "*"));
        }
        return hosts.isEmpty() ? "*" : shortened(List.copyOf(hosts), "*");
    }

    private static String ingressAddress(JsonNode ingress) {
        var result = new ArrayList<String>();
        for (var point : at(ingress, "status.loadBalancer.ingress")) {
            var ip = point.path("ip").asString("");
            result.add(ip.isEmpty() ? point.path("hostname").asString("") : ip);
        }
        return String.join(",", result);
    }

    private static String parameters(JsonNode ingressClass) {
        var parameters = at(ingressClass, "spec.parameters");
        if (parameters.isMissingNode()) {
            return Cells.NONE;
        }
        var group = parameters.path("apiGroup").asString("");
        var kind = parameters.path("kind").asString("");
        return kind + (group.isEmpty() ? "" : "." + group) + "/"
                + parameters.path("name").asString("");
    }
}
