package dev.sampan.apiserver.audit;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Auditor;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.audit.AuditPolicy.Decision;
import dev.sampan.apiserver.audit.AuditPolicy.Level;
import dev.sampan.apiserver.audit.AuditPolicy.Stage;
import dev.sampan.apiserver.kinds.Meta;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The events of one request. */
final class RequestTrail implements Auditor.Trail {

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final AuditLog log;
    private final Decision decision;
    private final ApiRequest request;
    private final Attributes attributes;
    private final UserInfo user;
    private final @Nullable UserInfo impersonator;
    private final Instant received;
    private final String id;
    private final Map<String, String> annotations = new LinkedHashMap<>();

    RequestTrail(
            AuditLog log,
            Decision decision,
            ApiRequest request,
            Attributes attributes,
            UserInfo user,
            @Nullable UserInfo impersonator) {
        this.log = log;
        this.decision = decision;
        this.request = request;
        this.attributes = attributes;
        this.user = user;
        this.impersonator = impersonator;
        this.received = log.clock().instant();
        var given = request.header("audit-id");
        this.id = given == null || given.isEmpty() ? UUID.randomUUID().toString() : given;
        if (writes(Stage.RequestReceived)) {
            log.write(finish(event(Stage.RequestReceived)));
        }
    }

    @Override
    public void annotate(String key, String value) {
        annotations.putIfAbsent(key, value);
    }

    @Override
    public ApiResponse end(ApiResponse response) {
        var answer = ApiResponse.withHeader(response, "audit-id", id);
        return switch (answer) {
            case ApiResponse.Complete complete -> {
                complete(complete.status(), complete.body());
                yield complete;
            }
            case ApiResponse.Stream stream -> {
                started(stream.status());
                yield new ApiResponse.Stream(stream.status(), stream.headers(), followed(stream));
            }
            case ApiResponse.Upgrade upgrade -> {
                started(101);
                yield new ApiResponse.Upgrade(upgrade.headers(), (in, out) -> {
                    try {
                        upgrade.tunnel().run(in, out);
                    } finally {
                        complete(101, new byte[0]);
                    }
                });
            }
        };
    }

    private ApiResponse.StreamBody followed(ApiResponse.Stream stream) {
        var ended = new AtomicBoolean();
        return new ApiResponse.StreamBody() {
            @Override
            public void writeTo(ApiResponse.StreamSink sink) throws IOException {
                try {
                    stream.body().writeTo(sink);
                } finally {
                    end();
                }
            }

            @Override
            public void close() {
                stream.body().close();
                end();
            }

            private void end() {
                if (ended.compareAndSet(false, true)) {
                    complete(stream.status(), new byte[0]);
                }
            }
        };
    }

    private boolean writes(Stage stage) {
        return !decision.omitted().contains(stage);
    }

    private void started(int code) {
        if (writes(Stage.ResponseStarted)) {
            var event = event(Stage.ResponseStarted);
            event.putObject("responseStatus").put("code", code).putObject("metadata");
            addRequest(event);
            log.write(finish(event));
        }
    }

    private void complete(int code, byte[] body) {
        if (!writes(Stage.ResponseComplete)) {
            return;
        }
        var event = event(Stage.ResponseComplete);
        var answered = code >= 400 || decision.level() == Level.RequestResponse ? log.read(body) : null;
        var status = event.putObject("responseStatus");
        status.putObject("metadata");
        if (answered != null && Meta.text(answered, "kind").equals("Status")) {
            for (var field : List.of("status", "message", "reason", "details")) {
                if (answered.has(field)) {
                    status.set(field, answered.get(field));
                }
            }
        }
        status.put("code", code);
        addRequest(event);
        if (decision.level() == Level.RequestResponse && answered != null) {
            event.set("responseObject", cleaned(answered));
        }
        log.write(finish(event));
    }

    private void addRequest(ObjectNode event) {
        if (decision.level().compareTo(Level.Request) < 0 || !attributes.isResourceRequest()) {
            return;
        }
        var body = log.read(request.body());
        if (body != null) {
            event.set("requestObject", cleaned(body));
        }
    }

    private ObjectNode cleaned(ObjectNode object) {
        if (!decision.omitManagedFields()) {
            return object;
        }
        var copy = object.deepCopy();
        strip(copy);
        copy.path("items").forEach(item -> {
            if (item instanceof ObjectNode node) {
                strip(node);
            }
        });
        return copy;
    }

    private static void strip(ObjectNode object) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
    }

    private ObjectNode event(Stage stage) {
        var event = JSON.objectNode();
        event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1");
        event.put("level", decision.level().name()).put("auditID", id).put("stage", stage.name());
        event.put("requestURI", uri()).put("verb", attributes.verb());
        event.set("user", user(impersonator == null ? user : impersonator));
        if (impersonator != null) {
            event.set("impersonatedUser", user(user));
        }
        var addresses = sources();
        if (!addresses.isEmpty()) {
            addresses.forEach(event.putArray("sourceIPs")::add);
        }
        var agent = request.header("user-agent");
        if (agent != null) {
            event.put("userAgent", agent);
        }
        if (attributes.isResourceRequest()) {
            event.set("objectRef", reference());
        }
        return event;
    }

    private ObjectNode finish(ObjectNode event) {
        times(event);
        if (!annotations.isEmpty()) {
            var notes = event.putObject("annotations");
            annotations.forEach(notes::put);
        }
        return event;
    }

    private void times(ObjectNode event) {
        event.put("requestReceivedTimestamp", MICROS.format(received));
        event.put("stageTimestamp", MICROS.format(log.clock().instant()));
    }

    private ObjectNode reference() {
        var reference = JSON.objectNode();
        put(reference, "resource", attributes.resource());
        put(reference, "namespace", attributes.namespace());
        put(reference, "name", attributes.name());
        put(reference, "apiGroup", attributes.group());
        put(reference, "apiVersion", attributes.version());
        put(reference, "subresource", attributes.subresource());
        return reference;
    }

    private static ObjectNode user(UserInfo user) {
        var json = JSON.objectNode();
        put(json, "username", user.name());
        put(json, "uid", user.uid());
        user.groups().forEach(json.putArray("groups")::add);
        if (!user.extra().isEmpty()) {
            var extra = json.putObject("extra");
            user.extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        }
        return json;
    }

    private static void put(ObjectNode json, String field, String value) {
        if (!value.isEmpty()) {
            json.put(field, value);
        }
    }

    private List<String> sources() {
        var result = new ArrayList<String>();
        for (var header : List.of("x-forwarded-for", "x-real-ip")) {
            var value = request.header(header);
            if (value != null) {
                for (var address : value.split(",")) {
                    result.add(address.strip());
                }
            }
        }
        if (!request.remoteAddress().isEmpty() && !result.contains(request.remoteAddress())) {
            result.add(request.remoteAddress());
        }
        return result;
    }

    private String uri() {
        var query = new StringBuilder();
        request.query()
                .forEach((name, values) -> values.forEach(value -> {
                    query.append(query.isEmpty() ? '?' : '&')
                            .append(encode(name))
                            .append('=')
                            .append(encode(value));
                }));
        return request.path() + query;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
