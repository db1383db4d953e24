package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.Aggregation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.Credential;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Knows the APIServices, checks those of other servers, and leads requests to them. The table is read by requests and written
 * under one lock; while it is empty a request costs one read.
 */
public final class Aggregator implements Aggregation, AutoCloseable {

    static final GroupResource API_SERVICES = new GroupResource("apiregistration.k8s.io", "apiservices");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");
    private static final GroupResource DEFINITIONS =
            new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final Objects objects;
    private final Supplier<Credential> self;
    private final Availability availability;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("aggregation").factory());
    private final LocalServices local;
    private final AutoCloseable follower;
    private final AutoCloseable definitions;
    private @Nullable AutoCloseable endpoints;
    private volatile Map<String, Remote> remotes = Map.of();

    /** @param self the front proxy's certificate; asked for when the first APIService leads elsewhere */
    public Aggregator(Objects objects, Supplier<Credential> self, InstantSource clock) {
        this.objects = objects;
        this.self = self;
        this.availability = new Availability(objects, clock);
        this.local = new LocalServices(objects, worker);
        this.follower = objects.follow(API_SERVICES, this::changed);
        this.definitions = objects.follow(DEFINITIONS, (before, after) -> local.schedule());
        var period = PERIOD.toMillis();
        var unused = worker.scheduleWithFixedDelay(this::checkAll, period, period, TimeUnit.MILLISECONDS);
    }

    /** Makes the APIServices of what this server answers, soon. */
    public void registerLocal() {
        local.schedule();
    }

    private synchronized void changed(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        boolean statusOnly =
                before != null && after != null && before.path("spec").equals(after.path("spec"));
        if (statusOnly) {
            return;
        }
        var next = new TreeMap<>(remotes);
        if (before != null) {
            next.remove(path(before));
        }
        boolean elsewhere = after != null && after.path("spec").path("service").isObject();
        if (after != null && elsewhere) {
            var remote = Remote.of(after, self.get(), remotes.get(path(after)));
            if (remote != null) {
                next.put(path(after), remote);
            }
            followEndpoints();
        }
        remotes = Map.copyOf(next);
        if (after != null && (elsewhere || before != null)) {
            check(Meta.name(after));
        }
    }

    private static String path(ObjectNode apiService) {
        return Meta.text(apiService, "spec", "group") + "/" + Meta.text(apiService, "spec", "version");
    }

    /** A Service that gets or loses its endpoints changes what is available. */
    private void followEndpoints() {
        if (endpoints == null) {
            endpoints = objects.follow(SLICES, (before, after) -> {
                var slice = after == null ? before : after;
                var service = slice == null ? null : Meta.labels(slice).get("kubernetes.io/service-name");
                remotes.values().stream()
                        .filter(r -> r.service().equals(service))
                        .forEach(r -> check(r.name()));
            });
        }
    }

    private void checkAll() {
        remotes.values().forEach(r -> check(r.name()));
        local.schedule();
    }

    private void check(String name) {
        if (!worker.isShutdown()) {
            worker.execute(() -> {
                var checked = availability.check(
                        name,
                        remotes.values().stream()
                                .filter(r -> r.name().equals(name))
                                .findFirst()
                                .orElse(null));
                if (checked != null) {
                    replace(checked);
                }
            });
        }
    }

    private synchronized void replace(Remote checked) {
        if (remotes.containsKey(checked.groupVersion())) {
            var next = new HashMap<>(remotes);
            next.put(checked.groupVersion(), checked);
            remotes = Map.copyOf(next);
        }
    }

    @Override
    public ApiResponse handle(ApiRequest request, UserInfo user, Supplier<ApiResponse> local) {
        var known = remotes;
        if (known.isEmpty() || !request.path().startsWith("/apis")) {
            return local.get();
        }
        var parts = request.path().replaceAll("^/+|/+$", "").split("/+");
        if (parts.length >= 3) {
            var remote = known.get(parts[1] + "/" + parts[2]);
            return remote == null ? local.get() : forward(remote, request, user);
        }
        return parts.length == 1
                ? merged(local.get(), document -> Merge.all(document, known.values()))
                : group(parts[1], known, local);
    }

    private static ApiResponse group(String name, Map<String, Remote> known, Supplier<ApiResponse> local) {
        var its = known.values().stream().filter(r -> r.group().equals(name)).toList();
        if (its.isEmpty()) {
            return local.get();
        }
        try {
            return merged(local.get(), document -> Merge.group(document, its));
        } catch (ApiException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            var body = Json.write(Merge.group(null, its));
            return new ApiResponse.Complete(200, Map.of("content-type", List.of("application/json")), body);
        }
    }

    /** The answer with additions, when it is a JSON document. */
    private static ApiResponse merged(ApiResponse response, java.util.function.UnaryOperator<ObjectNode> addition) {
        if (!(response instanceof ApiResponse.Complete complete) || complete.status() != 200) {
            return response;
        }
        try {
            return Json.read(complete.body()).tree() instanceof ObjectNode document
                    ? new ApiResponse.Complete(200, complete.headers(), Json.write(addition.apply(document)))
                    : response;
        } catch (DecodeException e) {
            return response; // protobuf or YAML, which no client asks of discovery
        }
    }

    private ApiResponse forward(Remote remote, ApiRequest request, UserInfo user) {
        if (!remote.available()) {
            throw ApiException.unavailable("service unavailable");
        }
        var headers = new HashMap<>(request.headers());
        headers.keySet().removeIf(h -> h.startsWith("x-remote-"));
        headers.put("x-remote-user", List.of(user.name()));
        headers.put("x-remote-group", user.groups());
        if (!user.uid().isEmpty()) {
            headers.put("x-remote-uid", List.of(user.uid()));
        }
        user.extra().forEach((key, values) -> headers.put("x-remote-extra-" + encode(key), values));
        if (!request.remoteAddress().isEmpty()) {
            headers.put("x-forwarded-for", List.of(request.remoteAddress()));
        }
        return remote.upstream(objects)
                .forward(request.method(), pathAndQuery(request), Map.copyOf(headers), request.body());
    }

    private static String pathAndQuery(ApiRequest request) {
        var text = new StringBuilder();
        for (var part : request.path().split("/", -1)) {
            text.append(text.isEmpty() && part.isEmpty() ? "" : "/")
                    .append(encode(part).replace("+", "%20"));
        }
        char separator = '?';
        for (var entry : request.query().entrySet()) {
            for (var value : entry.getValue()) {
                text.append(separator)
                        .append(encode(entry.getKey()))
                        .append('=')
                        .append(encode(value));
                separator = '&';
            }
        }
        return text.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        follower.close();
        definitions.close();
        synchronized (this) {
            if (endpoints != null) {
                endpoints.close();
            }
        }
        worker.shutdownNow();
    }
}
