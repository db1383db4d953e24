package dev.sampan.apiserver.authz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The roles and bindings that every cluster starts with, read from {@code bootstrap-policy.txt}, whose head explains its
 * notation.
 */
final class BootstrapPolicy {

    private static final String AGGREGATION_LABEL = "rbac.authorization.k8s.io/aggregate-to-";
    private static final List<String> READ = List.of("get", "list", "watch");
    private static final List<String> WRITE = List.of("create", "delete", "deletecollection", "patch", "update");
    private static final List<String> EVENTS = List.of("create", "patch", "update");

    private final List<ObjectNode> roles = new ArrayList<>();
    private final List<ObjectNode> bindings = new ArrayList<>();

    private BootstrapPolicy() {}

    static BootstrapPolicy load() {
        try (var in = BootstrapPolicy.class.getResourceAsStream("bootstrap-policy.txt")) {
            if (in == null) {
                throw new IllegalStateException("bootstrap-policy.txt is missing from the class path");
            }
            var policy = new BootstrapPolicy();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.isBlank() && !l.strip().startsWith("#"))
                    .forEach(policy::read);
            return policy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** ClusterRoles and Roles. */
    List<ObjectNode> roles() {
        return roles;
    }

    /** ClusterRoleBindings and RoleBindings. */
    List<ObjectNode> bindings() {
        return bindings;
    }

    /** Rules of a ClusterRole. */
    List<Rule> rulesOf(String clusterRole) {
        return roles.stream()
                .filter(r -> r.path("kind").stringValue("").equals("ClusterRole"))
                .filter(r -> r.path("metadata").path("name").stringValue("").equals(clusterRole))
                .findFirst()
                .map(r -> Rule.listOf(r.path("rules")))
                .orElseThrow();
    }

    private void read(String line) {
        var words = new ArrayList<>(List.of(line.strip().split("\\s+")));
        if (line.startsWith(" ")) {
            rule(words).writeTo(roles.getLast().withArray("rules").addObject());
            return;
        }
        switch (words.removeFirst()) {
            case "role" -> role(words);
            case "controller" -> controller(words.getFirst());
            case "bind" -> binding(words);
            default -> throw new IllegalStateException("bootstrap-policy.txt: " + line);
        }
    }

    private void controller(String name) {
        var role = "system:controller:" + name;
        role(new ArrayList<>(List.of(role)));
        binding(new ArrayList<>(List.of(role, "sa:kube-system/" + name, "user:system:kube-controller-manager")));
    }

    private void role(List<String> words) {
        var name = words.removeFirst();
        var namespace = option(words, "in");
        var role = object(namespace.isEmpty() ? "ClusterRole" : "Role", namespace, name);
        for (var word : words) {
            var value = word.substring(word.indexOf('=') + 1);
            if (word.startsWith("aggregate-to=")) {
                ((ObjectNode) role.path("metadata").path("labels")).put(AGGREGATION_LABEL + value, "true");
            } else if (word.startsWith("from=")) {
                role.putObject("aggregationRule")
                        .putArray("clusterRoleSelectors")
                        .addObject()
                        .putObject("matchLabels")
                        .put(AGGREGATION_LABEL + value, "true");
            } else {
                throw new IllegalStateException("bootstrap-policy.txt: role " + name + ": " + word);
            }
        }
        role.putArray("rules");
        roles.add(role);
    }

    private void binding(List<String> words) {
        var role = words.removeFirst();
        var namespace = option(words, "in");
        var as = option(words, "as");
        var cluster = namespace.isEmpty();
        var name = as.isEmpty() ? role : as;
        var binding = object(cluster ? "ClusterRoleBinding" : "RoleBinding", namespace, name);
        binding.putObject("roleRef")
                .put("apiGroup", RbacState.GROUP)
                .put("kind", cluster ? "ClusterRole" : "Role")
                .put("name", role);
        if (!words.isEmpty()) {
            var subjects = binding.putArray("subjects");
            words.forEach(w -> subject(subjects.addObject(), w));
        }
        bindings.add(binding);
    }

    private static void subject(ObjectNode subject, String word) {
        var kind = word.substring(0, word.indexOf(':'));
        var name = word.substring(word.indexOf(':') + 1);
        switch (kind) {
            case "user" ->
                subject.put("apiGroup", RbacState.GROUP).put("kind", "User").put("name", name);
            case "group" ->
                subject.put("apiGroup", RbacState.GROUP).put("kind", "Group").put("name", name);
            case "sa" -> {
                int slash = name.indexOf('/');
                subject.put("kind", "ServiceAccount")
                        .put("name", name.substring(slash + 1))
                        .put("namespace", name.substring(0, slash));
            }
            default -> throw new IllegalStateException("bootstrap-policy.txt: subject " + word);
        }
    }

    /** Takes {@code keyword VALUE} from the front. */
    private static String option(List<String> words, String keyword) {
        if (words.size() < 2 || !words.getFirst().equals(keyword)) {
            return "";
        }
        words.removeFirst();
        return words.removeFirst();
    }

    private static ObjectNode object(String kind, String namespace, String name) {
        var object = JsonNodeFactory.instance.objectNode();
        object.put("apiVersion", RbacState.GROUP + "/v1").put("kind", kind);
        var metadata = object.putObject("metadata");
        metadata.put("name", name);
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        metadata.putObject("labels").put("kubernetes.io/bootstrapping", "rbac-defaults");
        metadata.putObject("annotations").put("rbac.authorization.kubernetes.io/autoupdate", "true");
        return object;
    }

    private static Rule rule(List<String> words) {
        var verbs = Stream.of(words.getFirst().split(","))
                .flatMap(v -> switch (v) {
                    case "READ" -> READ.stream();
                    case "WRITE" -> WRITE.stream();
                    case "EVENTS" -> EVENTS.stream();
                    default -> Stream.of(v);
                })
                .distinct()
                .toList();
        if (words.get(1).startsWith("/")) {
            var urls = words.get(1).equals("/*")
                    ? List.of("*")
                    : List.of(words.get(1).split(","));
            return new Rule(verbs, List.of(), List.of(), List.of(), urls);
        }
        var groups = Stream.of(words.get(1).split(","))
                .map(g -> g.equals("core") ? "" : g)
                .toList();
        var names = words.size() > 3 ? List.of(words.get(3).split(",")) : List.<String>of();
        return new Rule(verbs, groups, List.of(words.get(2).split(",")), names, List.of());
    }
}
