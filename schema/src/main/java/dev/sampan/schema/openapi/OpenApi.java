package dev.sampan.schema.openapi;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.ResourceType;
import java.util.Collection;
import tools.jackson.databind.node.ObjectNode;

/** OpenAPI documents for what is served. */
public final class OpenApi {

    public OpenApi(BuiltinCatalog catalog) {
        throw new UnsupportedOperationException("being built with " + catalog);
    }

    /**
     * The OpenAPI v3 document of one group version, as {@code /openapi/v3/apis/GROUP/VERSION} serves it.
     *
     * @param types the built-in or custom collections of that group version
     */
    public ObjectNode v3(String group, String version, Collection<ResourceType> types) {
        throw new UnsupportedOperationException("being built");
    }
}
