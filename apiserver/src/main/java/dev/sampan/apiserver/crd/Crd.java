package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.GroupResource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a CustomResourceDefinition ({@code apiextensions.k8s.io/v1}). */
record Crd(ObjectNode object) {

    static final GroupResource RESOURCE = new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");
    static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

    String name() {
        return object.path("metadata").path("name").asString("");
    }

    JsonNode spec() {
        return object.path("spec");
    }

    String group() {
        return spec().path("group").asString("");
    }

    JsonNode names() {
        return spec().path("names");
    }

    String plural() {
        return names().path("plural").asString("");
    }

    String kind() {
        return names().path("kind").asString("");
    }

    boolean namespaced() {
        return spec().path("scope").asString("").equals("Namespaced");
    }

    GroupResource defined() {
        return new GroupResource(group(), plural());
    }

    String storageVersion() {
        for (var version : spec().path("versions")) {
            if (version.path("storage").asBoolean(false)) {
                return version.path("name").asString("");
            }
        }
        return "";
    }

    boolean deleting() {
        return object.path("metadata").has("deletionTimestamp");
    }

    boolean is(String conditionType) {
        for (var condition : object.path("status").path("conditions")) {
            if (condition.path("type").asString("").equals(conditionType)) {
                return condition.path("status").asString("").equals("True");
            }
        }
        return false;
    }

    List<String> storedVersions() {
        return strings(object.path("status").path("storedVersions"));
    }

    static List<String> strings(JsonNode array) {
        var result = new ArrayList<String>();
        array.forEach(v -> result.add(v.asString("")));
        return result;
    }
}
