package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.LabelSelector;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Which requests a policy, a binding or a webhook is about. Pure functions. */
public final class Matching {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    /** What decides over admission is not itself subject to it: a mistake could not be mended otherwise. */
    private static final Set<String> EXEMPT = Set.of(
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations");

    private Matching() {}

    public static boolean isExempt(AdmissionRequest request) {
        return request.resource().group().equals("admissionregistration.k8s.io")
                && EXEMPT.contains(request.resource().resource());
    }

    /** A binding's matchResources; without rules they are about everything. */
    static boolean matches(JsonNode constraints, AdmissionRequest request) {
        return !constraints.isObject() || version(constraints, request) != null;
    }

    /** The version in which a policy's matchConstraints are about a request; null when they are not. */
    static @Nullable String version(JsonNode constraints, AdmissionRequest request) {
        boolean exact = Meta.text(constraints, "matchPolicy").equals("Exact");
        var rules = constraints.path("resourceRules");
        var version = rules.isEmpty() ? asked(request) : version(rules, request, exact);
        boolean excluded = version(constraints.path("excludeResourceRules"), request, exact) != null;
        return version == null || excluded || !selects(constraints, request) ? null : version;
    }

    private static String asked(AdmissionRequest request) {
        var asked = request.context().attributes();
        return asked.group().isEmpty() ? asked.version() : asked.group() + "/" + asked.version();
    }

    /**
     * The version in which one of the rules is about the request: the one that the client uses, or else another that the
     * resource is served in; null when none is.
     *
     * @param exact only the client's version counts
     */
    public static @Nullable String version(JsonNode rules, AdmissionRequest request, boolean exact) {
        for (var rule : rules) {
            if (isAbout(rule, request) && hasVersion(rule, asked(request))) {
                return asked(request);
            }
        }
        if (exact || rules.isEmpty()) {
            return null;
        }
        var versions = request.context().objects().apiVersionsOf(request.resource());
        for (var rule : rules) {
            for (var version : versions) {
                if (isAbout(rule, request) && hasVersion(rule, version)) {
                    return version;
                }
            }
        }
        return null;
    }

    private static boolean isAbout(JsonNode rule, AdmissionRequest request) {
        var names = rule.path("resourceNames");
        return contains(rule.path("operations"), request.operation().name())
                && inScope(Meta.text(rule, "scope"), request)
                && matchesResource(rule.path("resources"), request)
                && (names.isEmpty() || contains(names, request.name()));
    }

    private static boolean hasVersion(JsonNode rule, String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return contains(rule.path("apiGroups"), slash < 0 ? "" : apiVersion.substring(0, slash))
                && contains(rule.path("apiVersions"), apiVersion.substring(slash + 1));
    }

    private static boolean matchesResource(JsonNode patterns, AdmissionRequest request) {
        var resource = request.resource().resource();
        for (var pattern : patterns) {
            var text = pattern.stringValue("");
            int slash = text.indexOf('/');
            var wanted = slash < 0 ? text : text.substring(0, slash);
            var part = slash < 0 ? "" : text.substring(slash + 1);
            if ((wanted.equals("*") || wanted.equals(resource))
                    && (part.equals(request.subresource()) || part.equals("*"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean inScope(String scope, AdmissionRequest request) {
        boolean cluster = request.namespace().isEmpty() || request.resource().equals(NAMESPACES);
        return switch (scope) {
            case "Namespaced" -> !cluster;
            case "Cluster" -> cluster;
            default -> true;
        };
    }

    private static boolean contains(JsonNode list, String wanted) {
        for (var item : list) {
            var text = item.stringValue("");
            if (text.equals(wanted) || text.equals("*")) {
                return true;
            }
        }
        return false;
    }

    /** The namespaceSelector and the objectSelector of {@code node}; absent ones select everything. */
    public static boolean selects(JsonNode node, AdmissionRequest request) {
        return selectsNamespace(node.path("namespaceSelector"), request)
                && selectsObject(node.path("objectSelector"), request);
    }

    private static boolean selectsNamespace(JsonNode selector, AdmissionRequest request) {
        if (selector.isEmpty()) {
            return true;
        }
        var namespace = namespaceOf(request);
        return namespace == null || LabelSelector.of(selector).matches(Meta.labels(namespace));
    }

    /** The namespace that a request is in; for a request about a Namespace that itself; null at cluster scope. */
    static @Nullable JsonNode namespaceOf(AdmissionRequest request) {
        if (request.resource().equals(NAMESPACES)) {
            return request.object() == null ? request.oldObject() : request.object();
        }
        return request.namespace().isEmpty()
                ? null
                : request.context().objects().get(NAMESPACES, "", request.namespace());
    }

    private static boolean selectsObject(JsonNode selector, AdmissionRequest request) {
        if (selector.isEmpty()) {
            return true;
        }
        var parsed = LabelSelector.of(selector);
        return parsed.matches(labels(request.object())) && request.object() != null
                || request.oldObject() != null && parsed.matches(labels(request.oldObject()));
    }

    private static Map<String, String> labels(@Nullable JsonNode object) {
        return object == null ? Map.of() : Meta.labels(object);
    }
}
