package dev.sampan.apiserver;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a request is about, read from its path and method as Kubernetes reads them.
 *
 * @param attributes what authorizers decide upon
 * @param tail path below the subresource (proxies), with its leading slash; else empty
 */
public record RequestInfo(Attributes attributes, String tail) {

    /** Subresources of a namespace itself; any other segment after its name is a resource in the namespace. */
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

    /** First-segment verbs of old: {@code /api/v1/watch/pods} and {@code /api/v1/proxy/…}. */
    private static final Set<String> SPECIAL_VERBS = Set.of("watch", "proxy");

    /** Reads method, path and the parameters that decide between get, list and watch. */
    public static RequestInfo parse(ApiRequest request) {
        var parts = new ArrayList<String>();
        for (var part : request.path().split("/")) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        boolean core = parts.size() >= 3 && parts.getFirst().equals("api");
        boolean grouped = parts.size() >= 4 && parts.getFirst().equals("apis");
        if (!core && !grouped) {
            return new RequestInfo(Attributes.ofPath(request.method().toLowerCase(Locale.ROOT), request.path()), "");
        }
        var group = core ? "" : parts.get(1);
        var version = parts.get(core ? 1 : 2);
        return resource(request, group, version, parts.subList(core ? 2 : 3, parts.size()));
    }

    private static RequestInfo resource(ApiRequest request, String group, String version, List<String> rest) {
        var verb = verb(request.method());
        if (SPECIAL_VERBS.contains(rest.getFirst()) && rest.size() > 1) {
            verb = rest.getFirst();
            rest = rest.subList(1, rest.size());
        }
        var namespace = "";
        if (rest.getFirst().equals("namespaces") && rest.size() > 1) {
            namespace = rest.get(1);
            if (rest.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(rest.get(2))) {
                rest = rest.subList(2, rest.size());
            }
        }
        var name = rest.size() > 1 ? rest.get(1) : "";
        var subresource = rest.size() > 2 ? rest.get(2) : "";
        var tail = rest.size() > 3 ? tail(request.path(), rest.subList(3, rest.size())) : "";
        verb = collectionVerb(request, verb, name);
        if (name.isEmpty() && (verb.equals("list") || verb.equals("watch"))) {
            name = nameOfSelector(request.parameter("fieldSelector"));
        }
        return new RequestInfo(
                Attributes.ofResource(verb, group, version, rest.getFirst(), subresource, namespace, name), tail);
    }

    private static String verb(String method) {
        return switch (method) {
            case "POST" -> "create";
            case "GET", "HEAD" -> "get";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "";
        };
    }

    private static String collectionVerb(ApiRequest request, String verb, String name) {
        if (!name.isEmpty()) {
            return verb;
        }
        return switch (verb) {
            case "get" -> request.flag("watch") ? "watch" : "list";
            case "delete" -> "deletecollection";
            default -> verb;
        };
    }

    /** A list or watch of one object by {@code metadata.name=NAME} is authorized as that object. */
    private static String nameOfSelector(String fieldSelector) {
        for (var term : fieldSelector.split(",")) {
            if (term.startsWith("metadata.name=")) {
                var value = term.substring("metadata.name=".length());
                return value.startsWith("=") ? value.substring(1) : value;
            }
        }
        return "";
    }

    /** The rest of the path as it was sent, a trailing slash included. */
    private static String tail(String path, List<String> parts) {
        var joined = "/" + String.join("/", parts);
        return path.endsWith("/") ? joined + "/" : joined;
    }
}
