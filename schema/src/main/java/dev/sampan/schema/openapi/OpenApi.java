package dev.sampan.schema.openapi;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** OpenAPI documents for what is served. Stateless; a document is built on each call, so keep it. */
public final class OpenApi {

    private final BuiltinCatalog catalog;

    public OpenApi(BuiltinCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * The OpenAPI v3 document of one group version, as {@code /openapi/v3/apis/GROUP/VERSION} serves it.
     *
     * @param types the built-in or custom collections of that group version
     */
    public ObjectNode v3(String group, String version, Collection<ResourceType> types) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.36.0");
        var schemas = new Schemas(catalog);
        types.forEach(schemas::add);
        var paths = JsonNodeFactory.instance.objectNode();
        var operations = new Operations(paths, schemas);
        types.forEach(operations::add);
        document.set("paths", sorted(paths));
        document.putObject("components").set("schemas", schemas.write(group, version));
        return document;
    }

    /**
     * The OpenAPI v2 document of everything, as {@code /openapi/v2} serves it.
     *
     * @param types all built-in and custom collections
     */
    public ObjectNode v2(Collection<ResourceType> types) {
        var byVersion = new TreeMap<String, List<ResourceType>>();
        types.forEach(t -> byVersion
                .computeIfAbsent(t.gvk().apiVersion(), v -> new ArrayList<>())
                .add(t));
        return Swagger.of(byVersion.values().stream()
                .map(group -> v3(
                        group.getFirst().gvk().group(), group.getFirst().gvk().version(), group))
                .toList());
    }

    /**
     * {@link #v2} in the form that clients ask for as
     * {@code application/com.github.proto-openapi.spec.v2@v1.0+protobuf}.
     */
    public byte[] v2Protobuf(ObjectNode v2) {
        return SwaggerProtobuf.write(v2);
    }

    /**
     * {@link #v3} in the form that clients ask for as
     * {@code application/com.github.proto-openapi.spec.v3@v1.0+protobuf}.
     */
    public byte[] v3Protobuf(ObjectNode v3) {
        return OpenApiProtobuf.write(v3);
    }

    private static ObjectNode sorted(ObjectNode object) {
        var byName = new TreeMap<String, JsonNode>();
        object.properties().forEach(e -> byName.put(e.getKey(), e.getValue()));
        var out = JsonNodeFactory.instance.objectNode();
        byName.forEach(out::set);
        return out;
    }
}
