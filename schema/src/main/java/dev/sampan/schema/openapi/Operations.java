package dev.sampan.schema.openapi;

import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Subresource;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The {@code paths} of an OpenAPI v3 document: what clients look up a kind, its patch types and its parameters by. */
final class Operations {

    private static final List<String> MEDIA_TYPES =
            List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
    private static final List<String> PATCH_TYPES =
            List.of("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json");
    private static final String STRATEGIC = "application/strategic-merge-patch+json";
    private static final String PATCH_SCHEMA = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";

    private final ObjectNode paths;
    private final Schemas schemas;

    Operations(ObjectNode paths, Schemas schemas) {
        this.paths = paths;
        this.schemas = schemas;
    }

    void add(ResourceType type) {
        var root =
                (type.gvk().group().isEmpty() ? "/api/" : "/apis/") + type.gvk().apiVersion();
        var collection = root + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
        collection(type, paths.putObject(collection));
        if (type.verbs().contains("get") || !type.subresources().isEmpty()) {
            var named = collection + "/{name}";
            if (type.verbs().contains("get")) {
                item(type, paths.putObject(named));
            }
            type.subresources().forEach(sub -> subresource(type, sub, paths.putObject(named + "/" + sub.name())));
        }
        if (type.namespaced() && type.verbs().contains("list")) {
            var everywhere = paths.putObject(root + "/" + type.plural());
            operation(everywhere, "get", "list", type.gvk(), type, type.gvk().list(), "list", "ForAllNamespaces");
            pathParameters(everywhere, false, false);
        }
        if (paths.path(collection).isEmpty()) {
            paths.remove(collection);
        }
    }

    private void collection(ResourceType type, ObjectNode path) {
        if (type.verbs().contains("list")) {
            operation(path, "get", "list", type.gvk(), type, type.gvk().list(), "list", "");
            parameters(path.withObject("get"), Parameters.LIST);
        }
        if (type.verbs().contains("create")) {
            var post = operation(path, "post", "post", type.gvk(), type, type.gvk(), "create", "");
            body(post, type.gvk());
            parameters(post, Parameters.WRITE);
        }
        if (type.verbs().contains("deletecollection")) {
            var delete = operation(
                    path, "delete", "deletecollection", type.gvk(), type, Schemas.STATUS, "delete", "Collection");
            parameters(delete, Parameters.LIST);
        }
        pathParameters(path, type.namespaced(), false);
    }

    private void item(ResourceType type, ObjectNode path) {
        operation(path, "get", "get", type.gvk(), type, type.gvk(), "read", "");
        if (type.verbs().contains("update")) {
            var put = operation(path, "put", "put", type.gvk(), type, type.gvk(), "replace", "");
            body(put, type.gvk());
            parameters(put, Parameters.WRITE);
        }
        if (type.verbs().contains("patch")) {
            patch(path, type, type.gvk(), "");
        }
        if (type.verbs().contains("delete")) {
            var delete = operation(path, "delete", "delete", type.gvk(), type, Schemas.STATUS, "delete", "");
            body(delete, Schemas.DELETE_OPTIONS);
            parameters(delete, Parameters.DELETE);
        }
        pathParameters(path, type.namespaced(), true);
    }

    private void subresource(ResourceType type, Subresource sub, ObjectNode path) {
        var suffix = Character.toUpperCase(sub.name().charAt(0)) + sub.name().substring(1);
        var connect = sub.kind().kind().endsWith("Options");
        if (sub.verbs().contains("get")) {
            operation(
                    path,
                    "get",
                    connect ? "connect" : "get",
                    sub.kind(),
                    type,
                    sub.kind(),
                    connect ? "connectGet" : "read",
                    suffix);
        }
        if (sub.verbs().contains("create")) {
            var post = operation(
                    path,
                    "post",
                    connect ? "connect" : "post",
                    sub.kind(),
                    type,
                    sub.kind(),
                    connect ? "connectPost" : "create",
                    suffix);
            if (!connect) {
                body(post, sub.kind());
                parameters(post, Parameters.WRITE);
            }
        }
        if (sub.verbs().contains("update") && !connect) {
            var put = operation(path, "put", "put", sub.kind(), type, sub.kind(), "replace", suffix);
            body(put, sub.kind());
            parameters(put, Parameters.WRITE);
        }
        if (sub.verbs().contains("patch") && !connect) {
            patch(path, type, sub.kind(), suffix);
        }
        pathParameters(path, type.namespaced(), true);
    }

    private void patch(ObjectNode path, ResourceType type, GroupVersionKind kind, String suffix) {
        var patch = operation(path, "patch", "patch", kind, type, kind, "patch", suffix);
        var content = patch.putObject("requestBody").putObject("content");
        PATCH_TYPES.forEach(media -> patchContent(content, media));
        if (type.schema().builtin()) {
            patchContent(content, STRATEGIC);
        }
        patch.withObject("requestBody").put("required", true);
        parameters(patch, Parameters.PATCH);
    }

    private static void patchContent(ObjectNode content, String mediaType) {
        content.putObject(mediaType).putObject("schema").put("$ref", Schemas.PREFIX + PATCH_SCHEMA);
    }

    private ObjectNode operation(
            ObjectNode path,
            String method,
            String action,
            GroupVersionKind kind,
            ResourceType type,
            GroupVersionKind result,
            String verb,
            String suffix) {
        var operation = path.putObject(method);
        var scope = type.namespaced() && !suffix.equals("ForAllNamespaces") ? "Namespaced" : "";
        operation.put("description", verb + " " + type.gvk().kind());
        operation.put(
                "operationId",
                verb + Schemas.camelGroup(type.gvk()) + scope + type.gvk().kind() + suffix);
        operation.putArray("tags").add(Schemas.tag(type.gvk()));
        var ok = operation.putObject("responses").putObject("200").put("description", "OK");
        var content = ok.putObject("content");
        MEDIA_TYPES.forEach(media -> schemas.reference(content.putObject(media).putObject("schema"), result));
        operation.put("x-kubernetes-action", action);
        operation.set("x-kubernetes-group-version-kind", Schemas.gvk(kind));
        return operation;
    }

    private void body(ObjectNode operation, GroupVersionKind kind) {
        var content = operation.putObject("requestBody").putObject("content");
        schemas.reference(content.putObject("*/*").putObject("schema"), kind);
    }

    private static void parameters(ObjectNode operation, List<Parameters> parameters) {
        var array = JsonNodeFactory.instance.arrayNode();
        parameters.forEach(p -> array.add(p.json()));
        operation.set("parameters", array);
    }

    private static void pathParameters(ObjectNode path, boolean namespaced, boolean named) {
        if (path.isEmpty()) {
            return;
        }
        var array = path.putArray("parameters");
        if (named) {
            array.add(Parameters.inPath("name", "name of the object"));
        }
        if (namespaced) {
            array.add(Parameters.inPath("namespace", "object name and auth scope, such as for teams and projects"));
        }
        array.add(Parameters.PRETTY.json());
    }
}
