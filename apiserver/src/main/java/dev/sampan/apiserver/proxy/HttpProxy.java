package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.KeyStores;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.databind.JsonNode;

/**
 * {@code pods/proxy}, {@code services/proxy} and {@code nodes/proxy}: plain HTTP, upgrades included, to
 * {@code [SCHEME:]NAME[:PORT]}.
 */
final class HttpProxy implements SubresourceHandler {

    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");

    private final GroupResource resource;
    private final Nodes nodes;
    private final RandomGenerator random;

    HttpProxy(GroupResource resource, Nodes nodes, RandomGenerator random) {
        this.resource = resource;
        this.nodes = nodes;
        this.random = random;
    }

    @Override
    public GroupResource resource() {
        return resource;
    }

    @Override
    public String subresource() {
        return "proxy";
    }

    @Override
    public List<String> verbs() {
        return List.of("create", "delete", "get", "patch", "update");
    }

    @Override
    public boolean proxies() {
        return true;
    }

    /** {@code https:web:8443} and the shorter forms. */
    record Address(boolean tls, String name, String port) {
        static Address parse(String text) {
            var parts = text.split(":", -1);
            return switch (parts.length) {
                case 1 -> new Address(false, parts[0], "");
                case 2 -> new Address(false, parts[0], parts[1]);
                case 3 -> {
                    if (!parts[0].equals("http") && !parts[0].equals("https") && !parts[0].isEmpty()) {
                        throw ApiException.badRequest("invalid proxy scheme \"%s\"".formatted(parts[0]));
                    }
                    yield new Address(parts[0].equals("https"), parts[1], parts[2]);
                }
                default -> throw ApiException.badRequest("invalid proxy target \"%s\"".formatted(text));
            };
        }
    }

    @Override
    public ApiResponse handle(Call call) {
        var address = Address.parse(call.attributes().name());
        var target = switch (resource.resource()) {
            case "nodes" -> node(call, address);
            case "pods" -> pod(call, address);
            default -> service(call, address);
        };
        var request = call.raw();
        var path = (call.tail().isEmpty() ? "/" : Query.encodePath(call.tail())) + new Query().addAll(request.query());
        var headers = new HashMap<>(request.headers());
        headers.put("x-forwarded-uri", List.of(request.path()));
        headers.put("x-forwarded-proto", List.of("https"));
        return new Exchange(target, request.method(), path, Map.copyOf(headers), request.body()).run();
    }

    private Target node(Call call, Address address) {
        var target = nodes.find(address.name(), call.context().objects());
        return address.port().isEmpty()
                ? target
                : new Target(target.host(), number(address.port()), address.tls() ? target.tls() : null, address.tls());
    }

    private Target pod(Call call, Address address) {
        var pod = call.context().objects().get(Pods.PODS, call.attributes().namespace(), address.name());
        if (pod == null) {
            throw ApiException.notFound(Pods.PODS, address.name());
        }
        var port = address.port();
        if (port.isEmpty()) {
            port = firstPort(pod);
        }
        return target(Meta.text(pod, "status", "podIP"), number(port), address.tls(), "pod " + address.name());
    }

    private static String firstPort(JsonNode pod) {
        for (var container : pod.path("spec").path("containers")) {
            for (var port : container.path("ports")) {
                return String.valueOf(port.path("containerPort").intValue(0));
            }
        }
        return "80";
    }

    private Target service(Call call, Address address) {
        var namespace = call.attributes().namespace();
        var objects = call.context().objects();
        var service = objects.get(SERVICES, namespace, address.name());
        if (service == null) {
            throw ApiException.notFound(SERVICES, address.name());
        }
        var portName = portName(service, address);
        var candidates = objects.list(SLICES, namespace).stream()
                .filter(s -> address.name().equals(Meta.labels(s).get("kubernetes.io/service-name")))
                .flatMap(s -> Endpoints.ready(s, portName).stream())
                .toList();
        if (candidates.isEmpty()) {
            throw ApiException.unavailable("no endpoints available for service \"%s\"".formatted(address.name()));
        }
        var chosen = candidates.get(random.nextInt(candidates.size()));
        return target(chosen.address(), chosen.port(), address.tls(), "service " + address.name());
    }

    /** The name in the endpoints of the Service port that is meant. */
    private static String portName(JsonNode service, Address address) {
        var ports = service.path("spec").path("ports");
        if (address.port().isEmpty() && ports.size() == 1) {
            return Meta.text(ports.path(0), "name");
        }
        for (var port : ports) {
            if (Meta.text(port, "name").equals(address.port())
                    || String.valueOf(port.path("port").intValue(0)).equals(address.port())) {
                return Meta.text(port, "name");
            }
        }
        throw ApiException.unavailable(
                "no service port \"%s\" found for service \"%s\"".formatted(address.port(), address.name()));
    }

    private Target target(String host, int port, boolean tls, String what) {
        if (host.isEmpty()) {
            throw ApiException.unavailable(what + " has no address yet");
        }
        requireOutside(host);
        return new Target(host, port, tls ? anyServer() : null, false);
    }

    /** What certificate a pod shows is between it and the client, who named it. */
    private static SSLSocketFactory anyServer() {
        try {
            return KeyStores.trustingAnyServer().getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is not available: " + e.getMessage(), e);
        }
    }

    /**
     * Whoever may write a pod's status or an EndpointSlice must not reach through the API server what listens on the host
     * for itself alone. Pods on loopback have addresses in 127.10.0.0/16, and only those are let through.
     */
    private static void requireOutside(String host) {
        var local = host.startsWith("127.") && !host.startsWith("127.10.");
        if (local || host.equals("::1") || host.startsWith("169.254.") || host.startsWith("0.") || !isAddress(host)) {
            throw ApiException.badRequest("address not allowed");
        }
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9]+(\\.[0-9]+){3}");
    }

    private static int number(String port) {
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
            throw ApiException.badRequest("invalid port \"%s\"".formatted(port));
        }
        return Integer.parseInt(port);
    }
}
