package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.schema.FieldError;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code pods/log}: a container's output, from the node that has it. */
final class PodLogs implements SubresourceHandler {

    private static final Map<String, List<String>> TEXT = Map.of("content-type", List.of("text/plain"));
    private static final int MAX_ERROR_BYTES = 4096;

    private final Nodes nodes;

    PodLogs(Nodes nodes) {
        this.nodes = nodes;
    }

    @Override
    public GroupResource resource() {
        return Pods.PODS;
    }

    @Override
    public String subresource() {
        return "log";
    }

    @Override
    public List<String> verbs() {
        return List.of("get");
    }

    @Override
    public ApiResponse handle(Call call) {
        var request = call.raw();
        var pod = Pods.find(call);
        var query = new Query();
        for (var flag : new String[] {"follow", "previous", "timestamps"}) {
            if (request.flag(flag)) {
                query.add(flag, "true");
            }
        }
        for (var name : new String[] {"tailLines", "sinceSeconds", "sinceTime", "limitBytes", "stream"}) {
            if (!request.parameter(name).isEmpty()) {
                query.add(name, request.parameter(name));
            }
        }
        validate(call);
        var container = Pods.container(pod, request.parameter("container"));
        if (Pods.node(pod).isEmpty()) {
            // Not on any node yet: there is nothing to say, and that is no error.
            return new ApiResponse.Complete(200, TEXT, new byte[0]);
        }
        var path = "/containerLogs/%s/%s/%s%s"
                .formatted(call.attributes().namespace(), call.attributes().name(), container, query);
        var target = nodes.find(Pods.node(pod), call.context().objects());
        var answer = new Exchange(target, "GET", path, Map.of(), new byte[0]).run();
        return answer instanceof ApiResponse.Stream stream ? result(stream) : answer;
    }

    private static ApiResponse result(ApiResponse.Stream stream) {
        if (stream.status() < 400) {
            return new ApiResponse.Stream(stream.status(), TEXT, stream.body());
        }
        try {
            var message = Exchange.text(stream.body(), MAX_ERROR_BYTES).strip();
            var reason = switch (stream.status()) {
                case 400 -> "BadRequest";
                case 401 -> "Unauthorized";
                case 403 -> "Forbidden";
                case 404 -> "NotFound";
                default -> "InternalError";
            };
            throw new ApiException(new Status(stream.status(), reason, message, null));
        } catch (IOException e) {
            throw ApiException.internal("the node's answer broke off: " + e.getMessage());
        }
    }

    private static void validate(Call call) {
        var errors = new ArrayList<FieldError>();
        notNegative(call, "tailLines", 0, "must be greater than or equal to 0", errors);
        notNegative(call, "limitBytes", 1, "must be greater than 0", errors);
        notNegative(call, "sinceSeconds", 1, "must be greater than 0", errors);
        var since = call.raw().parameter("sinceTime");
        if (!since.isEmpty()) {
            try {
                OffsetDateTime.parse(since);
            } catch (DateTimeException e) {
                throw ApiException.badRequest("parsing time \"%s\" as RFC 3339 failed".formatted(since));
            }
            if (!call.raw().parameter("sinceSeconds").isEmpty()) {
                errors.add(FieldError.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
            }
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(
                    new GroupKind("", "PodLogOptions"), call.attributes().name(), errors);
        }
    }

    private static void notNegative(Call call, String name, long min, String message, List<FieldError> errors) {
        var text = call.raw().parameter(name);
        if (text.isEmpty()) {
            return;
        }
        try {
            long value = Long.parseLong(text);
            if (value < min) {
                errors.add(FieldError.invalid(name, value, message));
            }
        } catch (NumberFormatException e) {
            throw ApiException.noInteger(text);
        }
    }
}
