package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.authn.ServiceAccountTokens.Binding;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code serviceaccounts/token}: hands out bound tokens. */
final class TokenRequests implements SubresourceHandler {

    private static final long DEFAULT_SECONDS = 3600;
    private static final long MIN_SECONDS = 600;
    private static final long MAX_SECONDS = 1L << 32;

    private final ServiceAccountTokens tokens;

    TokenRequests(ServiceAccountTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public GroupResource resource() {
        return ServiceAccountTokens.ACCOUNTS;
    }

    @Override
    public String subresource() {
        return "token";
    }

    @Override
    public List<String> verbs() {
        return List.of("create");
    }

    @Override
    public ApiResponse handle(Call call) {
        var request = call.body();
        if (request == null) {
            throw ApiException.badRequest("a TokenRequest is required");
        }
        var objects = call.context().objects();
        var account = objects.get(
                ServiceAccountTokens.ACCOUNTS,
                call.attributes().namespace(),
                call.attributes().name());
        if (account == null) {
            throw ApiException.notFound(
                    ServiceAccountTokens.ACCOUNTS, call.attributes().name());
        }
        var spec = request.withObject("/spec");
        // Old clients send null, some libraries 0, for what they leave to the server.
        if (spec.path("expirationSeconds").longValue(0) == 0) {
            spec.put("expirationSeconds", DEFAULT_SECONDS);
        }
        if (spec.path("audiences").isEmpty()) {
            BearerTokens.API_AUDIENCES.forEach(spec.putArray("audiences")::add);
        }
        long seconds = validSeconds(spec);
        var audiences = new ArrayList<String>();
        spec.path("audiences").forEach(a -> audiences.add(a.stringValue("")));
        var bindings = bindings(spec.path("boundObjectRef"), account, objects);
        var validity = Duration.ofSeconds(seconds);
        var status = request.putObject("status");
        Instant expiry = call.context().now().plus(validity).truncatedTo(ChronoUnit.SECONDS);
        status.put("expirationTimestamp", expiry.toString());
        status.put("token", tokens.issue(account, bindings, audiences, validity));
        var metadata = request.withObject("/metadata");
        metadata.put("name", Meta.name(account)).put("namespace", Meta.namespace(account));
        metadata.put(
                "creationTimestamp",
                call.context().now().truncatedTo(ChronoUnit.SECONDS).toString());
        return Created.of(request);
    }

    private static long validSeconds(ObjectNode spec) {
        long seconds = spec.path("expirationSeconds").longValue(0);
        var problem = "";
        if (seconds < MIN_SECONDS) {
            problem = "may not specify a duration less than 10 minutes";
        } else if (seconds > MAX_SECONDS) {
            problem = "may not specify a duration larger than 2^32 seconds";
        }
        if (!problem.isEmpty()) {
            throw ApiException.invalid(
                    new GroupKind("authentication.k8s.io", "TokenRequest"),
                    "",
                    List.of(FieldError.invalid("spec.expirationSeconds", seconds, problem)));
        }
        return seconds;
    }

    private static List<Binding> bindings(JsonNode ref, ObjectNode account, Objects objects) {
        if (!ref.isObject()) {
            return List.of();
        }
        var kind = Meta.text(ref, "kind");
        var resource = switch (kind) {
            case "Pod" -> ServiceAccountTokens.PODS;
            case "Secret" -> ServiceAccountTokens.SECRETS;
            case "Node" -> ServiceAccountTokens.NODES;
            default ->
                throw ApiException.badRequest("cannot bind token to object of type %s, Kind=%s"
                        .formatted(Meta.text(ref, "apiVersion"), kind));
        };
        var namespace = kind.equals("Node") ? "" : Meta.namespace(account);
        var object = objects.get(resource, namespace, Meta.text(ref, "name"));
        if (object == null) {
            throw ApiException.notFound(resource, Meta.text(ref, "name"));
        }
        var uid = Meta.text(ref, "uid");
        if (!uid.isEmpty() && !uid.equals(Meta.uid(object))) {
            throw ApiException.conflict(
                    resource,
                    Meta.name(object),
                    "the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated"
                            .formatted(uid));
        }
        var bindings = new ArrayList<Binding>();
        bindings.add(new Binding(kind.toLowerCase(Locale.ROOT), Meta.name(object), Meta.uid(object)));
        if (kind.equals("Pod")) {
            var node = podNode(object, account, objects);
            if (node != null) {
                bindings.add(node);
            }
        }
        return bindings;
    }

    private static @Nullable Binding podNode(ObjectNode pod, ObjectNode account, Objects objects) {
        if (!Meta.text(pod, "spec", "serviceAccountName").equals(Meta.name(account))) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount \"%s\" to pod running with different serviceaccount name."
                            .formatted(Meta.name(account)));
        }
        var node = objects.get(ServiceAccountTokens.NODES, "", Meta.text(pod, "spec", "nodeName"));
        return node == null ? null : new Binding("node", Meta.name(node), Meta.uid(node));
    }
}
