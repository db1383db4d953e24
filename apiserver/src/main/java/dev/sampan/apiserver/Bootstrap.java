package dev.sampan.apiserver;

import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;

/** Objects that every cluster has from its first moment. */
final class Bootstrap {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    private Bootstrap() {}

    static void run(Objects objects) {
        for (var name : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            if (objects.get(NAMESPACES, "", name) == null) {
                var namespace = JsonNodeFactory.instance.objectNode();
                namespace.putObject("metadata").put("name", name);
                createUnlessThere(objects, namespace);
            }
        }
    }

    private static void createUnlessThere(Objects objects, tools.jackson.databind.node.ObjectNode namespace) {
        try {
            objects.create(NAMESPACES, namespace);
        } catch (ApiException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
    }
}
