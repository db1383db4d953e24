package dev.sampan.apiserver;

import dev.sampan.apiserver.Authenticator.Unauthorized;
import dev.sampan.apiserver.authn.Impersonation;
import dev.sampan.apiserver.authz.Forbidden;
import dev.sampan.apiserver.wire.Indentation;
import dev.sampan.apiserver.wire.ResponseWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one way that every request takes: authenticate, authorize, answer; whatever goes wrong becomes a Status. */
final class Pipeline {

    private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

    /** The largest body that is read. */
    /** What others answered goes on as it is. */
    private static final Set<String> PROXIED = Set.of("proxy", "log");

    static final int MAX_BODY_BYTES = 3 * 1024 * 1024;

    /** Answers requests that are not for resources. */
    interface PathEndpoint {
        ApiResponse handle(ApiRequest request);
    }

    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final Impersonation impersonation;
    private final ResourceEndpoint resources;
    private final PathEndpoint paths;
    private final ResponseWriter responses;
    private final Objects objects;
    private final InstantSource clock;
    private final RequestMetrics metrics;
    private final Auditor auditor;
    private final RequestGate gate;
    private final Aggregation aggregation;

    Pipeline(
            Security security,
            ResourceEndpoint resources,
            PathEndpoint paths,
            ResponseWriter responses,
            Objects objects,
            InstantSource clock,
            RequestMetrics metrics) {
        this.authenticator = security.authenticator();
        this.authorizer = security.authorizer();
        this.impersonation = new Impersonation(authorizer);
        this.auditor = security.auditor();
        this.gate = security.gate();
        this.aggregation = security.aggregation();
        this.resources = resources;
        this.paths = paths;
        this.responses = responses;
        this.objects = objects;
        this.clock = clock;
        this.metrics = metrics;
    }

    ApiResponse handle(ApiRequest request) {
        var info = RequestInfo.parse(request);
        long start = System.nanoTime();
        metrics.started(info.attributes());
        var response = handle(info, request);
        metrics.finished(info.attributes(), request.parameter("dryRun"), response.status(), System.nanoTime() - start);
        return response;
    }

    private ApiResponse handle(RequestInfo info, ApiRequest request) {
        try {
            var caller = authenticate(request);
            var user = impersonation.apply(caller, request);
            var trail = auditor.begin(request, info.attributes(), user, user == caller ? null : caller);
            var response = guarded(request, () -> admitted(info, request, user, trail));
            return trail == null ? response : trail.end(response);
        } catch (ApiException e) {
            return refused(request, e);
        }
    }

    private ApiResponse refused(ApiRequest request, ApiException e) {
        return Indentation.of(request, responses.status(request, e.status()));
    }

    /** Whatever goes wrong becomes a Status. */
    private ApiResponse guarded(ApiRequest request, Supplier<ApiResponse> work) {
        try {
            return work.get();
        } catch (ApiException e) {
            return refused(request, e);
        } catch (RuntimeException | Error e) {
            log.error("{} {} failed", request.method(), request.path(), e);
            return responses.status(
                    request, ApiException.internal(String.valueOf(e)).status());
        }
    }

    private ApiResponse admitted(RequestInfo info, ApiRequest request, UserInfo user, Auditor.@Nullable Trail trail) {
        var pass = gate.enter(user, info.attributes(), request);
        try {
            var response = guarded(request, () -> authorized(info, request, user, trail));
            return ApiResponse.withHeaders(response, pass.headers());
        } finally {
            pass.leave();
        }
    }

    private ApiResponse authorized(RequestInfo info, ApiRequest request, UserInfo user, Auditor.@Nullable Trail trail) {
        authorize(user, info.attributes(), trail);
        if (request.body().length > MAX_BODY_BYTES) {
            throw ApiException.tooLarge("Request entity too large: limit is " + MAX_BODY_BYTES);
        }
        return aggregation.handle(request, user, () -> answer(info, request, user, trail));
    }

    private ApiResponse answer(RequestInfo info, ApiRequest request, UserInfo user, Auditor.@Nullable Trail trail) {
        if (!info.attributes().isResourceRequest()) {
            var response = paths.handle(request);
            return request.path().startsWith("/openapi/") ? response : Indentation.of(request, response);
        }
        var context = new RequestContext(
                user,
                info.attributes(),
                dryRun(request),
                FieldManagerNames.of(request),
                objects,
                clock,
                attributes -> authorize(user, attributes, trail));
        try {
            var response = ResponseWriter.withWarnings(resources.handle(info, request, context), context.warnings());
            return PROXIED.contains(info.attributes().subresource()) ? response : Indentation.of(request, response);
        } catch (ApiException e) {
            return ResponseWriter.withWarnings(refused(request, e), context.warnings());
        } finally {
            if (trail != null) {
                context.annotations().forEach(trail::annotate);
            }
        }
    }

    private UserInfo authenticate(ApiRequest request) {
        if (request.user() != null) {
            return request.user();
        }
        try {
            var user = authenticator.authenticate(request);
            return user == null ? UserInfo.ANONYMOUS : user;
        } catch (Unauthorized e) {
            log.debug("{} {}: {}", request.method(), request.path(), e.getMessage());
            throw ApiException.unauthorized();
        }
    }

    private void authorize(UserInfo user, Attributes attributes, Auditor.@Nullable Trail trail) {
        var decision = authorizer.authorize(user, attributes);
        if (trail != null) {
            trail.annotate("authorization.k8s.io/decision", decision.allowed() ? "allow" : "forbid");
            trail.annotate("authorization.k8s.io/reason", decision.reason());
        }
        if (!decision.allowed()) {
            throw Forbidden.of(user, attributes, decision.reason());
        }
    }

    private static boolean dryRun(ApiRequest request) {
        var values = request.query().getOrDefault("dryRun", List.of());
        for (var value : values) {
            if (!value.equals("All") && !value.isEmpty()) {
                throw ApiException.invalid(
                        new GroupKind("meta.k8s.io", "CreateOptions"),
                        "",
                        List.of(dev.sampan.schema.FieldError.notSupported("dryRun", value, List.of("All"))));
            }
        }
        return values.contains("All");
    }
}
