package dev.sampan.apiserver.audit;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** An audit policy: the first rule that fits a request says how much of it is written down. Immutable. */
final class AuditPolicy {

    /** How much of a request is written down, each with what the former has. */
    enum Level {
        None,
        Metadata,
        Request,
        RequestResponse
    }

    /** When something is written down. */
    enum Stage {
        RequestReceived,
        ResponseStarted,
        ResponseComplete,
        Panic
    }

    /** What holds for one request. */
    record Decision(Level level, Set<Stage> omitted, boolean omitManagedFields) {

        static final Decision NOTHING = new Decision(Level.None, Set.of(), false);
    }

    private record Rule(JsonNode json, Decision decision) {}

    private final List<Rule> rules = new ArrayList<>();

    private AuditPolicy(JsonNode policy) {
        var omitted = stages(policy.path("omitStages"));
        boolean withoutManagers = policy.path("omitManagedFields").booleanValue(false);
        for (var json : policy.path("rules")) {
            var all = new HashSet<>(omitted);
            all.addAll(stages(json.path("omitStages")));
            var level = Level.valueOf(Meta.text(json, "level"));
            boolean own = json.path("omitManagedFields").booleanValue(withoutManagers);
            rules.add(new Rule(json, new Decision(level, Set.copyOf(all), own)));
        }
    }

    /** @throws IllegalArgumentException when the file is no policy, saying why */
    static AuditPolicy read(Path file) {
        try {
            var policy = Yaml.read(Files.readAllBytes(file)).tree();
            if (!Meta.text(policy, "apiVersion").equals("audit.k8s.io/v1")
                    || !Meta.text(policy, "kind").equals("Policy")) {
                throw new IllegalArgumentException(file + ": expected apiVersion audit.k8s.io/v1 and kind Policy");
            }
            if (policy.path("rules").isEmpty()) {
                throw new IllegalArgumentException(file + ": loaded illegal policy with 0 rules");
            }
            return new AuditPolicy(policy);
        } catch (IOException e) {
            throw new UncheckedIOException("The audit policy " + file + " cannot be read: " + e.getMessage(), e);
        } catch (DecodeException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static Set<Stage> stages(JsonNode names) {
        var result = new HashSet<Stage>();
        names.forEach(n -> result.add(Stage.valueOf(n.stringValue(""))));
        return result;
    }

    Decision decide(UserInfo user, Attributes attributes) {
        for (var rule : rules) {
            if (matches(rule.json(), user, attributes)) {
                return rule.decision();
            }
        }
        return Decision.NOTHING;
    }

    private static boolean matches(JsonNode rule, UserInfo user, Attributes a) {
        if (!emptyOrHas(rule.path("users"), user.name()) || !emptyOrHas(rule.path("verbs"), a.verb())) {
            return false;
        }
        var groups = rule.path("userGroups");
        if (!groups.isEmpty() && user.groups().stream().noneMatch(g -> has(groups, g))) {
            return false;
        }
        if (!rule.path("namespaces").isEmpty() || !rule.path("resources").isEmpty()) {
            return a.isResourceRequest()
                    && emptyOrHas(rule.path("namespaces"), a.namespace())
                    && matchesResource(rule.path("resources"), a);
        }
        if (!rule.path("nonResourceURLs").isEmpty()) {
            return !a.isResourceRequest() && matchesUrl(rule.path("nonResourceURLs"), a.nonResourcePath());
        }
        return true;
    }

    private static boolean matchesResource(JsonNode groups, Attributes a) {
        if (groups.isEmpty()) {
            return true;
        }
        var whole = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        for (var group : groups) {
            if (!Meta.text(group, "group").equals(a.group()) || !emptyOrHas(group.path("resourceNames"), a.name())) {
                continue;
            }
            var resources = group.path("resources");
            if (resources.isEmpty() || has(resources, whole) || has(resources, "*")) {
                return true;
            }
            boolean part = !a.subresource().isEmpty();
            if (part && (has(resources, a.resource() + "/*") || has(resources, "*/" + a.subresource()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean matchesUrl(JsonNode patterns, String path) {
        for (var pattern : patterns) {
            var text = pattern.stringValue("");
            if (text.equals("*")
                    || text.equals(path)
                    || text.endsWith("*") && path.startsWith(text.substring(0, text.length() - 1))) {
                return true;
            }
        }
        return false;
    }

    private static boolean emptyOrHas(JsonNode list, String wanted) {
        return list.isEmpty() || has(list, wanted);
    }

    private static boolean has(JsonNode list, String wanted) {
        for (var item : list) {
            if (item.stringValue("").equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}
