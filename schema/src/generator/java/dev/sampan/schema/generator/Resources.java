package dev.sampan.schema.generator;

import dev.sampan.schema.generator.ModelClasses.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Derives the served collections, their verbs and subresources from the paths of the client's API methods. */
final class Resources {

    private static final Pattern PATH = Pattern.compile(
            "/api(?:s/([^/{]+))?/(v\\d+)/(?:(namespaces)/\\{namespace}/)?([a-z]+)(/\\{name})?(?:/([a-z]+))?(/\\{path})?");

    private static final class Resource {
        private boolean namespaced;
        private String model = "";
        private final Set<String> verbs = new TreeSet<>();
        private final Map<String, Resource> subresources = new TreeMap<>();
    }

    private record Key(String group, String version, String plural) implements Comparable<Key> {
        @Override
        public int compareTo(Key o) {
            return (group + "/" + version + "/" + plural).compareTo(o.group + "/" + o.version + "/" + o.plural);
        }
    }

    private final Map<Key, Resource> resources = new TreeMap<>();
    private final Map<String, String> groupOfPackage = new TreeMap<>();
    private final Definitions definitions;

    Resources(List<Operation> operations, Definitions definitions) {
        this.definitions = definitions;
        operations.forEach(this::add);
    }

    private void add(Operation operation) {
        var m = PATH.matcher(operation.path());
        if (!m.matches() || operation.method().isEmpty()) {
            return;
        }
        var group = m.group(1) == null ? "" : m.group(1);
        var resource = resources.computeIfAbsent(new Key(group, m.group(2), m.group(4)), k -> new Resource());
        resource.namespaced |= m.group(3) != null;
        var named = m.group(5) != null;
        if (m.group(6) != null) {
            var sub = resource.subresources.computeIfAbsent(m.group(6), k -> new Resource());
            sub.verbs.add(verb(operation.method(), true));
            sub.model = !operation.body().isEmpty() ? operation.body() : sub.model.isEmpty() ? operation.result() : sub.model;
            return;
        }
        resource.verbs.add(verb(operation.method(), named));
        if (!named && operation.method().equals("GET") && !m.group(4).equals("componentstatuses")) {
            resource.verbs.add("watch");
        }
        if (named && operation.method().equals("GET") || !named && operation.method().equals("POST")) {
            resource.model = operation.result();
        }
    }

    private static String verb(String method, boolean named) {
        return switch (method) {
            case "GET" -> named ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> named ? "delete" : "deletecollection";
            default -> throw new IllegalStateException(method);
        };
    }

    List<Object> write() {
        resources.forEach((key, r) -> groupOfPackage.put(packageOf(definitions.want(r.model)), key.group));
        var out = new ArrayList<Object>();
        resources.forEach((key, r) -> out.add(type(key, r)));
        out.add(oldIngress());
        return out;
    }

    private static String packageOf(String definition) {
        return definition.substring(0, definition.lastIndexOf('.'));
    }

    private Map<String, Object> type(Key key, Resource r) {
        var definition = definitions.want(r.model);
        var type = header(key.group, key.version, key.plural, definition, r.namespaced, List.copyOf(r.verbs));
        var subresources = new ArrayList<Object>();
        r.subresources.forEach((name, sub) -> subresources.add(subresource(key, name, sub)));
        type.put("subresources", subresources);
        if (!r.verbs.contains("list")) {
            return type;
        }
        var list = definition + "List";
        definitions.wantDefinition(list);
        return type;
    }

    private static Map<String, Object> header(
            String group, String version, String plural, String definition, boolean namespaced, List<String> verbs) {
        var kind = definition.substring(definition.lastIndexOf('.') + 1);
        var type = new LinkedHashMap<String, Object>();
        type.put("group", group);
        type.put("version", version);
        type.put("kind", kind);
        type.put("plural", plural);
        type.put("singular", kind.toLowerCase(java.util.Locale.ROOT));
        type.put("namespaced", namespaced);
        type.put("shortNames", Names.shortNames(group, plural));
        type.put("categories", Names.categories(group, plural));
        type.put("verbs", verbs);
        type.put("definition", definition);
        return type;
    }

    private Map<String, Object> subresource(Key parent, String name, Resource sub) {
        var out = new LinkedHashMap<String, Object>();
        out.put("name", name);
        var connect = Names.connectKind(parent.plural, name);
        if (connect != null) {
            out.put("group", parent.group);
            out.put("version", parent.version);
            out.put("kind", connect);
        } else {
            var definition = definitions.want(sub.model);
            var parts = definition.split("\\.");
            out.put("group", groupOfPackage.getOrDefault(packageOf(definition), parent.group));
            out.put("version", parts[parts.length - 2]);
            out.put("kind", parts[parts.length - 1]);
        }
        out.put("verbs", List.copyOf(sub.verbs));
        return out;
    }

    /** The Ingress that Kubernetes dropped in 1.22 and old manifests still use. */
    private Map<String, Object> oldIngress() {
        var definition = definitions.wantDefinition("io.k8s.api.extensions.v1beta1.Ingress");
        definitions.wantDefinition(definition + "List");
        var verbs = List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
        var type = header("extensions", "v1beta1", "ingresses", definition, true, verbs);
        type.put(
                "subresources",
                List.of(new TreeMap<>(Map.of(
                        "name", "status",
                        "group", "extensions",
                        "version", "v1beta1",
                        "kind", "Ingress",
                        "verbs", List.of("get", "patch", "update")))));
        return type;
    }
}
