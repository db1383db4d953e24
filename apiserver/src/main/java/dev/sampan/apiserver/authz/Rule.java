package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** RBAC's PolicyRule: which verbs on which resources or URLs are allowed. */
record Rule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    static Rule of(JsonNode json) {
        return new Rule(
                strings(json.path("verbs")),
                strings(json.path("apiGroups")),
                strings(json.path("resources")),
                strings(json.path("resourceNames")),
                strings(json.path("nonResourceURLs")));
    }

    static List<Rule> listOf(JsonNode rules) {
        var result = new ArrayList<Rule>();
        rules.forEach(r -> result.add(of(r)));
        return List.copyOf(result);
    }

    boolean allows(Attributes a) {
        if (!a.isResourceRequest()) {
            return matches(verbs, a.verb())
                    && nonResourceUrls.stream().anyMatch(u -> urlMatches(u, a.nonResourcePath()));
        }
        return matches(verbs, a.verb())
                && matches(apiGroups, a.group())
                && resourceMatches(a.resource(), a.subresource())
                && (resourceNames.isEmpty() || resourceNames.contains(a.name()));
    }

    private boolean resourceMatches(String resource, String subresource) {
        var combined = subresource.isEmpty() ? resource : resource + "/" + subresource;
        for (var rule : resources) {
            if (rule.equals("*") || rule.equals(combined)) {
                return true;
            }
            if (!subresource.isEmpty()
                    && rule.startsWith("*/")
                    && rule.substring(2).equals(subresource)) {
                return true;
            }
        }
        return false;
    }

    static boolean urlMatches(String rule, String path) {
        return rule.equals("*")
                || rule.equals(path)
                || (rule.endsWith("*") && path.startsWith(rule.substring(0, rule.length() - 1)));
    }

    private static boolean matches(List<String> allowed, String wanted) {
        return allowed.contains("*") || allowed.contains(wanted);
    }

    /** This rule as rules of one verb and one resource, name or URL each. */
    List<Rule> breakDown() {
        var result = new ArrayList<Rule>();
        for (var verb : verbs) {
            for (var group : apiGroups) {
                for (var resource : resources) {
                    if (resourceNames.isEmpty()) {
                        result.add(new Rule(List.of(verb), List.of(group), List.of(resource), List.of(), List.of()));
                    }
                    for (var name : resourceNames) {
                        result.add(
                                new Rule(List.of(verb), List.of(group), List.of(resource), List.of(name), List.of()));
                    }
                }
            }
            for (var url : nonResourceUrls) {
                result.add(new Rule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
            }
        }
        return result;
    }

    /** Whether somebody who holds this rule may do all that a broken-down rule allows. */
    boolean covers(Rule part) {
        if (!matches(verbs, part.verbs.getFirst())) {
            return false;
        }
        if (!part.nonResourceUrls.isEmpty()) {
            return nonResourceUrls.stream().anyMatch(u -> urlCovers(u, part.nonResourceUrls.getFirst()));
        }
        return matches(apiGroups, part.apiGroups.getFirst())
                && resourceCovers(part.resources.getFirst())
                && (resourceNames.isEmpty()
                        || (!part.resourceNames.isEmpty() && resourceNames.contains(part.resourceNames.getFirst())));
    }

    private boolean resourceCovers(String resource) {
        if (resources.contains("*") || resources.contains(resource)) {
            return true;
        }
        int slash = resource.indexOf('/');
        return slash >= 0 && resources.contains("*" + resource.substring(slash));
    }

    private static boolean urlCovers(String owner, String wanted) {
        return owner.equals(wanted)
                || (owner.endsWith("*") && wanted.startsWith(owner.substring(0, owner.length() - 1)));
    }

    /** The parts of {@code wanted} that {@code held} does not cover. */
    static List<Rule> missing(List<Rule> held, List<Rule> wanted) {
        return wanted.stream()
                .flatMap(r -> r.breakDown().stream())
                .filter(part -> held.stream().noneMatch(h -> h.covers(part)))
                .toList();
    }

    /** As Kubernetes prints a rule in messages: {@code {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}}. */
    String describe() {
        var parts = new ArrayList<String>();
        addPart(parts, "APIGroups", apiGroups);
        addPart(parts, "Resources", resources);
        addPart(parts, "NonResourceURLs", nonResourceUrls);
        addPart(parts, "ResourceNames", resourceNames);
        addPart(parts, "Verbs", verbs);
        return "{" + String.join(", ", parts) + "}";
    }

    private static void addPart(List<String> parts, String name, List<String> values) {
        if (!values.isEmpty()) {
            parts.add(name + ":" + quote(values));
        }
    }

    /** Go's {@code %q} of a list of strings. */
    static String quote(List<String> values) {
        return values.stream().map(v -> "\"" + v + "\"").collect(Collectors.joining(" ", "[", "]"));
    }

    void writeTo(ObjectNode json) {
        put(json, "verbs", verbs);
        put(json, "apiGroups", apiGroups);
        put(json, "resources", resources);
        put(json, "resourceNames", resourceNames);
        put(json, "nonResourceURLs", nonResourceUrls);
    }

    private static void put(ObjectNode json, String name, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode array = json.putArray(name);
            values.forEach(array::add);
        }
    }

    private static List<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(n -> n.stringValue(""))
                .toList();
    }
}
