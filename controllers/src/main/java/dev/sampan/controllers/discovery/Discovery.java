package dev.sampan.controllers.discovery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Asks the cluster what it serves. */
public final class Discovery {

    private final Rest rest;

    public Discovery(Rest rest) {
        this.rest = rest;
    }

    /** @param failures groups that did not answer, each with the reason */
    public record Found(List<ResourceKind> kinds, List<String> failures) {}

    /** Every resource once, in its group's preferred version that has it; subresources are left out. */
    public Found preferred() {
        var kinds = new ArrayList<ResourceKind>();
        var failures = new ArrayList<String>();
        read("", "v1", kinds, new HashSet<>(), failures);
        var groups = rest.get("/apis");
        if (!groups.isOk()) {
            failures.add("/apis: " + groups.message());
            return new Found(kinds, failures);
        }
        for (var group : groups.body().path("groups")) {
            var seen = new HashSet<String>();
            var name = group.path("name").asString("");
            var preferred = group.path("preferredVersion").path("version").asString("");
            read(name, preferred, kinds, seen, failures);
            for (var version : group.path("versions")) {
                var other = version.path("version").asString("");
                if (!other.equals(preferred)) {
                    read(name, other, kinds, seen, failures);
                }
            }
        }
        return new Found(List.copyOf(kinds), List.copyOf(failures));
    }

    private void read(String group, String version, List<ResourceKind> kinds, Set<String> seen, List<String> failures) {
        var path = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        var answer = rest.get(path);
        if (!answer.isOk()) {
            failures.add(path + ": " + answer.message());
            return;
        }
        for (var resource : answer.body().path("resources")) {
            var name = resource.path("name").asString("");
            if (!name.contains("/") && seen.add(name)) {
                kinds.add(new ResourceKind(
                        group,
                        version,
                        name,
                        resource.path("kind").asString(""),
                        resource.path("namespaced").asBoolean(false),
                        strings(resource.path("verbs"))));
            }
        }
    }

    private static Set<String> strings(JsonNode array) {
        var result = new HashSet<String>();
        array.forEach(n -> result.add(n.asString("")));
        return Set.copyOf(result);
    }
}
