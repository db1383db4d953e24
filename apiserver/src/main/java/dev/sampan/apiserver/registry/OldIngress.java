package dev.sampan.apiserver.registry;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code extensions/v1beta1} Ingress, stored as {@code networking.k8s.io/v1}: backends and path types differ. */
final class OldIngress implements Conversion {

    @Override
    public ObjectNode toStorage(ObjectNode ingress) {
        if (ingress.get("spec") instanceof ObjectNode spec) {
            BuiltinConversions.rename(spec, "backend", "defaultBackend");
            newBackend(spec, "defaultBackend");
            for (var path : paths(spec)) {
                newBackend(path, "backend");
                if (path.path("pathType").asString("").isEmpty()) {
                    path.put("pathType", "ImplementationSpecific");
                }
            }
        }
        return ingress.put("apiVersion", "networking.k8s.io/v1");
    }

    @Override
    public ObjectNode fromStorage(ObjectNode ingress) {
        if (ingress.get("spec") instanceof ObjectNode spec) {
            oldBackend(spec, "defaultBackend");
            BuiltinConversions.rename(spec, "defaultBackend", "backend");
            paths(spec).forEach(path -> oldBackend(path, "backend"));
        }
        return ingress.put("apiVersion", "extensions/v1beta1");
    }

    private static Iterable<ObjectNode> paths(ObjectNode spec) {
        var result = new java.util.ArrayList<ObjectNode>();
        for (var rule : spec.path("rules")) {
            for (var path : rule.path("http").path("paths")) {
                if (path instanceof ObjectNode object) {
                    result.add(object);
                }
            }
        }
        return result;
    }

    private static void newBackend(ObjectNode parent, String field) {
        if (!(parent.get(field) instanceof ObjectNode old) || old.has("service")) {
            return;
        }
        var backend = JsonNodeFactory.instance.objectNode();
        if (old.has("serviceName")) {
            var service = backend.putObject("service")
                    .put("name", old.path("serviceName").asString(""));
            JsonNode port = old.path("servicePort");
            if (port.isNumber()) {
                service.putObject("port").put("number", port.asInt());
            } else if (!port.isMissingNode()) {
                service.putObject("port").put("name", port.asString(""));
            }
        }
        Meta.replace(backend, "resource", old.get("resource"));
        parent.set(field, backend);
    }

    private static void oldBackend(ObjectNode parent, String field) {
        if (!(parent.get(field) instanceof ObjectNode current)) {
            return;
        }
        var backend = JsonNodeFactory.instance.objectNode();
        var service = current.path("service");
        if (!service.isMissingNode()) {
            backend.put("serviceName", service.path("name").asString(""));
            var port = service.path("port");
            Meta.replace(backend, "servicePort", port.has("number") ? port.get("number") : port.get("name"));
        }
        Meta.replace(backend, "resource", current.get("resource"));
        parent.set(field, backend);
    }
}
