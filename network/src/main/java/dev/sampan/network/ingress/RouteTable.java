package dev.sampan.network.ingress;

import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * All routes of all our Ingresses. The most specific host is chosen first (exact, then {@code *.domain}, then rules without
 * a host), the path within it second. Of two Ingresses that claim the same host and path the older one has it. Immutable
 * once built.
 */
public final class RouteTable {

    private final Map<String, HostRoutes> exactHosts = new HashMap<>();
    private final Map<String, HostRoutes> wildcardHosts = new HashMap<>();
    private final HostRoutes anyHost = new HostRoutes();
    private final Map<String, String> certificates = new HashMap<>();
    private final Map<String, List<String>> problems = new LinkedHashMap<>();

    private RouteTable() {}

    /** A table without a route. */
    public static RouteTable empty() {
        return new RouteTable();
    }

    /** @param ingresses ours */
    public static RouteTable of(Collection<Ingress> ingresses) {
        RouteTable table = new RouteTable();
        ingresses.stream()
                .sorted(Comparator.comparing((Ingress i) ->
                                Objects.requireNonNullElse(i.getMetadata().getCreationTimestamp(), ""))
                        .thenComparing(RouteTable::key))
                .forEach(table::add);
        return table;
    }

    public static String key(Ingress ingress) {
        return ingress.getMetadata().getNamespace() + "/"
                + ingress.getMetadata().getName();
    }

    private void add(Ingress ingress) {
        var spec = ingress.getSpec();
        if (spec == null) {
            return;
        }
        String key = key(ingress);
        List<String> complaints = new ArrayList<>();
        IngressOptions options = IngressOptions.of(ingress.getMetadata().getAnnotations(), complaints::add);
        Route otherwise = spec.getDefaultBackend() == null
                ? null
                : route(ingress, new PathRule.Prefix("/"), spec.getDefaultBackend(), options, complaints);
        List<IngressRule> rules = Objects.requireNonNullElse(spec.getRules(), List.of());
        for (IngressRule rule : rules) {
            addRule(ingress, rule, otherwise, options, complaints);
        }
        if (otherwise != null && rules.isEmpty()) {
            anyHost.addDefault(otherwise);
        }
        for (IngressTLS tls : Objects.requireNonNullElse(spec.getTls(), List.<IngressTLS>of())) {
            addCertificate(ingress, tls, rules);
        }
        if (!complaints.isEmpty()) {
            problems.put(key, List.copyOf(complaints));
        }
    }

    private void addRule(
            Ingress ingress,
            IngressRule rule,
            @Nullable Route otherwise,
            IngressOptions options,
            List<String> complaints) {
        HostRoutes host = host(rule.getHost());
        if (otherwise != null) {
            host.addDefault(otherwise);
        }
        if (rule.getHttp() == null || rule.getHttp().getPaths() == null) {
            return;
        }
        for (HTTPIngressPath path : rule.getHttp().getPaths()) {
            PathRule pathRule = pathRule(path, options, complaints);
            Route route = pathRule == null ? null : route(ingress, pathRule, path.getBackend(), options, complaints);
            Route taken = route == null ? null : host.add(route);
            if (taken != null && !taken.ingress().equals(key(ingress))) {
                complaints.add("host \"%s\" and path \"%s\" is already defined in ingress %s"
                        .formatted(
                                Objects.requireNonNullElse(rule.getHost(), ""),
                                taken.path().path(),
                                taken.ingress()));
            }
        }
    }

    private HostRoutes host(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return anyHost;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith("*.")
                ? wildcardHosts.computeIfAbsent(lower.substring(2), h -> new HostRoutes())
                : exactHosts.computeIfAbsent(lower, h -> new HostRoutes());
    }

    private static @Nullable PathRule pathRule(HTTPIngressPath path, IngressOptions options, List<String> complaints) {
        String text = path.getPath() == null || path.getPath().isEmpty() ? "/" : path.getPath();
        boolean exact = "Exact".equals(path.getPathType());
        if (!exact && (options.useRegex() || options.rewriteTarget() != null)) {
            try {
                return PathRule.Regex.of(text);
            } catch (PatternSyntaxException e) {
                complaints.add("path \"%s\" is not a regular expression: %s".formatted(text, e.getDescription()));
                return null;
            }
        }
        return switch (Objects.requireNonNullElse(path.getPathType(), "ImplementationSpecific")) {
            case "Exact" -> new PathRule.Exact(text);
            case "Prefix" -> new PathRule.Prefix(text);
            default -> new PathRule.Text(text);
        };
    }

    private static @Nullable Route route(
            Ingress ingress,
            PathRule path,
            @Nullable IngressBackend backend,
            IngressOptions options,
            List<String> complaints) {
        if (backend == null
                || backend.getService() == null
                || backend.getService().getPort() == null) {
            complaints.add("path \"%s\" has no service: other backends are not supported".formatted(path.path()));
            return null;
        }
        var port = backend.getService().getPort();
        String portText =
                port.getName() != null && !port.getName().isEmpty() ? port.getName() : String.valueOf(port.getNumber());
        var reference = new BackendRef(
                ingress.getMetadata().getNamespace(), backend.getService().getName(), portText);
        return new Route(path, reference, key(ingress), options);
    }

    private void addCertificate(Ingress ingress, IngressTLS tls, List<IngressRule> rules) {
        if (tls.getSecretName() == null || tls.getSecretName().isEmpty()) {
            return;
        }
        String secret = ingress.getMetadata().getNamespace() + "/" + tls.getSecretName();
        List<String> hosts = tls.getHosts() == null || tls.getHosts().isEmpty()
                ? rules.stream()
                        .map(IngressRule::getHost)
                        .filter(Objects::nonNull)
                        .toList()
                : tls.getHosts();
        hosts.forEach(host -> certificates.putIfAbsent(host.toLowerCase(Locale.ROOT), secret));
    }

    /** {@code namespace/name} of each Secret that the Ingress names. */
    public static List<String> secrets(Ingress ingress) {
        if (ingress.getSpec() == null || ingress.getSpec().getTls() == null) {
            return List.of();
        }
        return ingress.getSpec().getTls().stream()
                .map(IngressTLS::getSecretName)
                .filter(name -> name != null && !name.isEmpty())
                .map(name -> ingress.getMetadata().getNamespace() + "/" + name)
                .toList();
    }

    /** @param host from the request, with or without a port */
    public @Nullable Route find(String host, String path) {
        String name = hostName(host);
        HostRoutes routes = exactHosts.get(name);
        if (routes == null) {
            int dot = name.indexOf('.');
            routes = dot < 0 ? null : wildcardHosts.get(name.substring(dot + 1));
        }
        Route found = routes == null ? anyHost.find(path) : routes.find(path);
        return found == null && routes != null ? anyHost.find(path) : found;
    }

    /** {@code namespace/name} of the Secret with the host's certificate, or null. */
    public @Nullable String certificate(String host) {
        String name = hostName(host);
        String secret = certificates.get(name);
        int dot = name.indexOf('.');
        return secret != null || dot < 0 ? secret : certificates.get("*" + name.substring(dot));
    }

    /** What is wrong with each Ingress, by {@code namespace/name}. */
    public Map<String, List<String>> problems() {
        return problems;
    }

    private static String hostName(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int colon = lower.lastIndexOf(':');
        String name = colon > 0 && !lower.endsWith("]") ? lower.substring(0, colon) : lower;
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** The path to send to the backend. */
    public static String rewrite(Route route, String path) {
        String target = route.options().rewriteTarget();
        if (target == null) {
            return path;
        }
        return route.path() instanceof PathRule.Regex regex ? regex.rewrite(path, target) : target;
    }
}
