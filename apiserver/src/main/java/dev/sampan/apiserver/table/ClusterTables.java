package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.at;
import static dev.sampan.apiserver.table.Cells.text;
import static dev.sampan.apiserver.table.Cells.textAt;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.table.KindTable.Part;
import java.util.ArrayList;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Nodes, namespaces, events, leases, certificates and extensions of the API. */
final class ClusterTables {

    private static final String ROLE_PREFIX = "node-role.kubernetes.io/";

    private ClusterTables() {}

    static void addTo(Map<GroupResource, KindTable> tables) {
        tables.put(new GroupResource("", "nodes"), nodes());
        tables.put(
                new GroupResource("", "namespaces"),
                KindTable.of(Part.name(), Part.text("Status", textAt("status.phase")), Part.age()));
        tables.put(
                new GroupResource("", "serviceaccounts"),
                KindTable.of(Part.name(), Part.number("Secrets", Cells.countAt("secrets")), Part.age()));
        tables.put(new GroupResource("", "events"), new EventTable());
        tables.put(new GroupResource("events.k8s.io", "events"), new EventTable());
        tables.put(
                new GroupResource("coordination.k8s.io", "leases"),
                KindTable.of(Part.name(), Part.text("Holder", textAt("spec.holderIdentity")), Part.age()));
        tables.put(new GroupResource("certificates.k8s.io", "certificatesigningrequests"), signingRequests());
        tables.put(
                new GroupResource("node.k8s.io", "runtimeclasses"),
                KindTable.of(Part.name(), Part.text("Handler", textAt("handler")), Part.age()));
        tables.put(
                new GroupResource("apiregistration.k8s.io", "apiservices"),
                KindTable.of(
                        Part.name(),
                        Part.text("Service", ClusterTables::service),
                        Part.text("Available", o -> Cells.or(Cells.condition(o, "Available"), "Unknown")),
                        Part.age()));
        webhooks(tables, "validatingwebhookconfigurations");
        webhooks(tables, "mutatingwebhookconfigurations");
    }

    private static void webhooks(Map<GroupResource, KindTable> tables, String resource) {
        tables.put(
                new GroupResource("admissionregistration.k8s.io", resource),
                KindTable.of(Part.name(), Part.number("Webhooks", Cells.countAt("webhooks")), Part.age()));
    }

    private static KindTable nodes() {
        return KindTable.of(
                Part.name(),
                Part.text("Status", ClusterTables::nodeStatus),
                Part.text("Roles", ClusterTables::roles),
                Part.age(),
                Part.text("Version", textAt("status.nodeInfo.kubeletVersion")),
                Part.wide("Internal-IP", o -> address(o, "InternalIP")),
                Part.wide("External-IP", o -> address(o, "ExternalIP")),
                Part.wide("OS-Image", o -> Cells.or(text(o, "status.nodeInfo.osImage"), Ages.UNKNOWN)),
                Part.wide("Kernel-Version", o -> Cells.or(text(o, "status.nodeInfo.kernelVersion"), Ages.UNKNOWN)),
                Part.wide(
                        "Container-Runtime",
                        o -> Cells.or(text(o, "status.nodeInfo.containerRuntimeVersion"), Ages.UNKNOWN)));
    }

    private static String nodeStatus(JsonNode node) {
        var ready = switch (Cells.condition(node, "Ready")) {
            case "True" -> "Ready";
            case "False" -> "NotReady";
            case "" -> "Unknown";
            default -> "NotReady";
        };
        return at(node, "spec.unschedulable").asBoolean(false) ? ready + ",SchedulingDisabled" : ready;
    }

    private static String roles(JsonNode node) {
        var roles = new ArrayList<String>();
        node.path("metadata").path("labels").properties().forEach(label -> {
            if (label.getKey().startsWith(ROLE_PREFIX) && label.getKey().length() > ROLE_PREFIX.length()) {
                roles.add(label.getKey().substring(ROLE_PREFIX.length()));
            } else if (label.getKey().equals("kubernetes.io/role")) {
                roles.add(label.getValue().asString(""));
            }
        });
        roles.sort(String::compareTo);
        return roles.isEmpty() ? Cells.NONE : String.join(",", roles);
    }

    private static String address(JsonNode node, String type) {
        for (var address : at(node, "status.addresses")) {
            if (address.path("type").asString("").equals(type)) {
                return address.path("address").asString("");
            }
        }
        return Cells.NONE;
    }

    private static KindTable signingRequests() {
        return KindTable.of(
                Part.name(),
                Part.age(),
                Part.text("SignerName", textAt("spec.signerName")),
                Part.text("Requestor", textAt("spec.username")),
                Part.text("RequestedDuration", o -> {
                    long seconds = Cells.number(o, "spec.expirationSeconds");
                    return seconds == 0 ? Cells.NONE : Ages.human(java.time.Duration.ofSeconds(seconds));
                }),
                Part.text("Condition", ClusterTables::signing));
    }

    private static String signing(JsonNode request) {
        var result = new ArrayList<String>();
        for (var type : new String[] {"Approved", "Denied", "Failed"}) {
            if (!Cells.condition(request, type).isEmpty()) {
                result.add(type);
            }
        }
        if (!text(request, "status.certificate").isEmpty()) {
            result.add("Issued");
        }
        return result.isEmpty() ? "Pending" : String.join(",", result);
    }

    private static String service(JsonNode apiService) {
        var service = at(apiService, "spec.service");
        return service.isObject()
                ? service.path("namespace").asString("") + "/"
                        + service.path("name").asString("")
                : "Local";
    }
}
