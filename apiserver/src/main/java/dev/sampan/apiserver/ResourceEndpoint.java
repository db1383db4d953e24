package dev.sampan.apiserver;

import dev.sampan.apiserver.registry.DeleteOptions;
import dev.sampan.apiserver.registry.ListWriter;
import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.Reads;
import dev.sampan.apiserver.registry.ResourceWrites;
import dev.sampan.apiserver.registry.Selection;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.ServedTypes;
import dev.sampan.apiserver.registry.WriteCall;
import dev.sampan.apiserver.table.Shapes;
import dev.sampan.apiserver.watch.Watches;
import dev.sampan.apiserver.wire.Accepted;
import dev.sampan.apiserver.wire.BodyReader;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.apiserver.wire.ResponseWriter;
import dev.sampan.schema.TypeCheck;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Answers requests for resources: finds the type, calls the verb, writes the result in the form that the client accepts. */
final class ResourceEndpoint {

    /** What the endpoint is made of. */
    record Parts(
            ServedTypes types,
            Reads reads,
            ResourceWrites writes,
            Watches watches,
            Shapes shapes,
            BodyReader bodies,
            ResponseWriter responses,
            List<SubresourceHandler> handlers) {}

    private record HandlerKey(GroupResource resource, String subresource) {}

    private final Parts parts;
    private final Map<HandlerKey, SubresourceHandler> handlers = new HashMap<>();

    ResourceEndpoint(Parts parts) {
        this.parts = parts;
        parts.handlers().forEach(h -> handlers.put(new HandlerKey(h.resource(), h.subresource()), h));
    }

    ApiResponse handle(RequestInfo info, ApiRequest request, RequestContext context) {
        var a = info.attributes();
        var type = parts.types().table().find(a.group(), a.version(), a.resource());
        if (type == null
                || (type.namespaced() && !a.name().isEmpty() && a.namespace().isEmpty() && !isCollection(a))) {
            throw ApiException.pageNotFound();
        }
        if (!type.deprecation().isEmpty()) {
            context.warn(type.deprecation());
        }
        catchUp(a, request);
        var handler = handlers.get(new HandlerKey(type.resource(), a.subresource()));
        if (handler != null) {
            return special(handler, type, info, request, context);
        }
        var call = new Call(type, a, request, context);
        return a.subresource().isEmpty() ? whole(call) : part(call);
    }

    /** Readers may say how old a state will do; all others need the latest. */
    private void catchUp(Attributes a, ApiRequest request) {
        boolean reads = List.of("get", "list", "watch").contains(a.verb());
        parts.reads().catchUp(reads ? request.parameter("resourceVersion") : "");
    }

    /** One request with its parts. */
    private record Call(ServedType type, Attributes attributes, ApiRequest request, RequestContext context) {
        Accepted accepted() {
            return Accepted.negotiate(
                    request.headers().get("accept"),
                    type.custom() ? List.of(MediaType.JSON, MediaType.YAML) : MediaType.OBJECT_FORMATS);
        }

        WriteCall write() {
            return new WriteCall(
                    type, attributes.namespace(), attributes.name(), attributes.subresource(), null, context);
        }
    }

    private ApiResponse whole(Call call) {
        var a = call.attributes();
        if (!call.type().serves(a.verb())
                && !(a.verb().equals("get") && call.type().serves("list"))) {
            throw ApiException.methodNotSupported(call.type().resource(), a.verb());
        }
        var writes = parts.writes();
        return switch (a.verb()) {
            case "get" -> get(call);
            case "list" -> list(call);
            case "watch" -> watch(call);
            case "create" -> {
                if (!a.name().isEmpty()
                        || (call.type().namespaced() && a.namespace().isEmpty())) {
                    throw ApiException.methodNotSupported(call.type().resource(), "create");
                }
                var accepted = call.accepted();
                yield one(call, accepted, 201, writes.create(call.write(), body(call), call.request()));
            }
            case "update" -> {
                var accepted = call.accepted();
                var result = writes.replace(call.write(), body(call), call.request());
                yield one(call, accepted, result.created() ? 201 : 200, result.view());
            }
            case "patch" -> {
                var accepted = call.accepted();
                var result = writes.patch(call.write(), call.request());
                yield one(call, accepted, result.created() ? 201 : 200, result.view());
            }
            case "delete" -> delete(call);
            case "deletecollection" -> deleteCollection(call);
            default -> throw ApiException.methodNotSupported(call.type().resource(), a.verb());
        };
    }

    /** A subresource without a handler of its own: status, scale, or another part of the object. */
    private ApiResponse part(Call call) {
        var a = call.attributes();
        var known = call.type().type().subresource(a.subresource());
        if (known.isEmpty()) {
            throw ApiException.pageNotFound();
        }
        var writes = parts.writes();
        var accepted = call.accepted();
        if (a.subresource().equals("scale")) {
            var scale = switch (a.verb()) {
                case "get" -> writes.scale(call.write());
                case "update" -> writes.replaceScale(call.write(), body(call));
                case "patch" -> writes.patchScale(call.write(), call.request());
                default -> throw ApiException.methodNotSupported(call.type().resource(), a.verb());
            };
            return parts.responses().object(200, accepted, scale);
        }
        return switch (a.verb()) {
            case "get" -> get(call);
            case "update" ->
                one(
                        call,
                        accepted,
                        200,
                        writes.replace(call.write(), body(call), call.request()).view());
            case "patch" ->
                one(
                        call,
                        accepted,
                        200,
                        writes.patch(call.write(), call.request()).view());
            default -> throw ApiException.methodNotSupported(call.type().resource(), a.verb());
        };
    }

    private ApiResponse get(Call call) {
        var a = call.attributes();
        var accepted = call.accepted();
        var version = call.request().parameter("resourceVersion");
        return one(call, accepted, 200, parts.reads().get(call.type(), a.namespace(), a.name(), version));
    }

    private ApiResponse list(Call call) {
        var accepted = call.accepted();
        var selection =
                Selection.of(call.request(), call.type(), call.attributes().name());
        var page = parts.reads().list(call.type(), call.attributes().namespace(), selection, call.request());
        return listed(call, accepted, page);
    }

    private ApiResponse listed(Call call, Accepted accepted, Reads.Page page) {
        if (accepted.shape() != Accepted.Shape.OBJECT) {
            var shaped = parts.shapes()
                    .list(call.type(), page, accepted, call.request().parameter("includeObject"));
            return parts.responses().object(200, accepted, shaped);
        }
        if (accepted.json()) {
            return ResponseWriter.json(200, ListWriter.json(call.type(), page));
        }
        return parts.responses().object(200, accepted, ListWriter.tree(call.type(), page));
    }

    private ApiResponse watch(Call call) {
        var a = call.attributes();
        var selection = Selection.of(call.request(), call.type(), a.name());
        return parts.watches().open(call.type(), a.namespace(), selection, call.request(), call.accepted());
    }

    private ApiResponse delete(Call call) {
        var accepted = call.accepted();
        var options = deleteOptions(call);
        var outcome = parts.writes().delete(call.write(), options);
        if (outcome.removed() && !call.type().storage().rules().returnsDeletedObject()) {
            return parts.responses()
                    .object(200, accepted, deleted(call, outcome.view()).toJson());
        }
        boolean foreground = options.propagation() == DeleteOptions.Propagation.Foreground;
        return one(call, accepted, foreground && !outcome.removed() ? 202 : 200, outcome.view());
    }

    private static Status deleted(Call call, ObjectView view) {
        var resource = call.type().resource();
        var details = new Status.Details(
                call.attributes().name(),
                resource.group(),
                resource.resource(),
                view.tree().path("metadata").path("uid").asString(""),
                List.of(),
                0);
        return new Status(200, "", "", details);
    }

    private ApiResponse deleteCollection(Call call) {
        var accepted = call.accepted();
        var selection = Selection.of(call.request(), call.type(), "");
        var options = deleteOptions(call);
        var page = parts.reads().list(call.type(), call.attributes().namespace(), selection, call.request());
        parts.writes().deleteAll(call.write(), page.items(), options);
        return listed(call, accepted, page);
    }

    private DeleteOptions deleteOptions(Call call) {
        var request = call.request();
        var body = request.body().length == 0
                ? null
                : (ObjectNode) parts.bodies().read(request, true).tree();
        return DeleteOptions.of(request, body);
    }

    private dev.sampan.schema.codec.Decoded body(Call call) {
        return parts.bodies().read(call.request(), !call.type().custom());
    }

    private ApiResponse one(Call call, Accepted accepted, int code, ObjectView view) {
        if (accepted.shape() == Accepted.Shape.OBJECT && accepted.json()) {
            return ResponseWriter.json(code, view.json());
        }
        var shaped = parts.shapes().one(view, accepted, call.request().parameter("includeObject"));
        return parts.responses().object(code, accepted, shaped);
    }

    private ApiResponse special(
            SubresourceHandler handler, ServedType type, RequestInfo info, ApiRequest request, RequestContext context) {
        var a = info.attributes();
        if (!handler.proxies() && !handler.verbs().contains(a.verb())) {
            throw ApiException.methodNotSupported(type.resource(), a.verb());
        }
        if (handler.subresource().isEmpty()) {
            Accepted.negotiatePlain(request.headers().get("accept"), MediaType.OBJECT_FORMATS);
        }
        return handler.handle(
                new SubresourceHandler.Call(a, info.tail(), specialBody(handler, type, request), request, context));
    }

    /** The body of what is not stored: a review, a binding. Handlers may rely on the form that the kind has. */
    private @Nullable ObjectNode specialBody(SubresourceHandler handler, ServedType type, ApiRequest request) {
        if (handler.proxies() || request.body().length == 0) {
            return null;
        }
        var body = (ObjectNode) parts.bodies().read(request, true).tree();
        var metadata = body.path("metadata");
        if (metadata.isNull()) {
            body.remove("metadata");
        } else if (!metadata.isMissingNode() && !metadata.isObject()) {
            throw ApiException.badRequest("json: cannot unmarshal into Go struct field metadata of type v1.ObjectMeta");
        }
        if (handler.subresource().isEmpty()) {
            TypeCheck.firstError(body, type.schema()).ifPresent(why -> {
                throw ApiException.cannotHandle(type.gvk(), why);
            });
        }
        return body;
    }

    private static boolean isCollection(Attributes a) {
        return switch (a.verb()) {
            case "list", "watch", "deletecollection" -> true;
            default -> false;
        };
    }
}
