package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which requests make up a flow. Immutable.
 *
 * @param level name of the priority level
 * @param distinguisher {@code ByUser}, {@code ByNamespace} or empty
 */
record FlowSchema(String name, String uid, int precedence, String level, String distinguisher, List<Rule> rules) {

    private static final String ACCOUNT = "system:serviceaccount:";

    /** Somebody, and what he asks for. */
    record Rule(List<Subject> subjects, List<Resources> resources, List<Paths> paths) {}

    /** @param name for accounts {@code namespace/name} */
    record Subject(String kind, String name) {}

    record Resources(
            List<String> verbs,
            List<String> groups,
            List<String> resources,
            boolean cluster,
            List<String> namespaces) {}

    record Paths(List<String> verbs, List<String> urls) {}

    static FlowSchema of(ObjectNode schema) {
        var spec = schema.path("spec");
        var rules = new ArrayList<Rule>();
        spec.path("rules").forEach(r -> rules.add(rule(r)));
        return new FlowSchema(
                Meta.name(schema),
                Meta.uid(schema),
                spec.path("matchingPrecedence").intValue(1000),
                Meta.text(spec, "priorityLevelConfiguration", "name"),
                Meta.text(spec, "distinguisherMethod", "type"),
                rules);
    }

    private static Rule rule(JsonNode rule) {
        var subjects = new ArrayList<Subject>();
        for (var subject : rule.path("subjects")) {
            var kind = Meta.text(subject, "kind");
            subjects.add(
                    switch (kind) {
                        case "User" -> new Subject(kind, Meta.text(subject, "user", "name"));
                        case "Group" -> new Subject(kind, Meta.text(subject, "group", "name"));
                        default ->
                            new Subject(
                                    kind,
                                    Meta.text(subject, "serviceAccount", "namespace") + "/"
                                            + Meta.text(subject, "serviceAccount", "name"));
                    });
        }
        var resources = new ArrayList<Resources>();
        for (var r : rule.path("resourceRules")) {
            resources.add(new Resources(
                    strings(r.path("verbs")),
                    strings(r.path("apiGroups")),
                    strings(r.path("resources")),
                    r.path("clusterScope").booleanValue(false),
                    strings(r.path("namespaces"))));
        }
        var paths = new ArrayList<Paths>();
        for (var p : rule.path("nonResourceRules")) {
            paths.add(new Paths(strings(p.path("verbs")), strings(p.path("nonResourceURLs"))));
        }
        return new Rule(subjects, resources, paths);
    }

    private static List<String> strings(JsonNode list) {
        var result = new ArrayList<String>();
        list.forEach(n -> result.add(n.stringValue("")));
        return List.copyOf(result);
    }

    boolean matches(UserInfo user, Attributes a) {
        for (var rule : rules) {
            if (isAbout(rule, user) && asksFor(rule, a)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAbout(Rule rule, UserInfo user) {
        for (var subject : rule.subjects()) {
            boolean matches = switch (subject.kind()) {
                case "User" -> subject.name().equals("*") || subject.name().equals(user.name());
                case "Group" -> subject.name().equals("*") || user.groups().contains(subject.name());
                default -> isAccount(subject.name(), user.name());
            };
            if (matches) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAccount(String wanted, String user) {
        if (!user.startsWith(ACCOUNT)) {
            return false;
        }
        var account = user.substring(ACCOUNT.length()).replace(':', '/');
        return wanted.endsWith("/*")
                ? account.startsWith(wanted.substring(0, wanted.length() - 1))
                : account.equals(wanted);
    }

    private static boolean asksFor(Rule rule, Attributes a) {
        if (!a.isResourceRequest()) {
            return rule.paths().stream()
                    .anyMatch(p -> has(p.verbs(), a.verb()) && hasPath(p.urls(), a.nonResourcePath()));
        }
        var resource = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        for (var r : rule.resources()) {
            boolean scope = a.namespace().isEmpty() ? r.cluster() : has(r.namespaces(), a.namespace());
            if (scope && has(r.verbs(), a.verb()) && has(r.groups(), a.group()) && has(r.resources(), resource)) {
                return true;
            }
        }
        return false;
    }

    private static boolean has(List<String> list, String wanted) {
        return list.contains(wanted) || list.contains("*");
    }

    private static boolean hasPath(List<String> urls, String path) {
        for (var url : urls) {
            if (url.equals(path) || url.endsWith("*") && path.startsWith(url.substring(0, url.length() - 1))) {
                return true;
            }
        }
        return false;
    }

    /** What tells the flows of this schema apart. */
    String flow(UserInfo user, Attributes a) {
        return switch (distinguisher) {
            case "ByUser" -> user.name();
            case "ByNamespace" -> a.namespace();
            default -> "";
        };
    }
}
