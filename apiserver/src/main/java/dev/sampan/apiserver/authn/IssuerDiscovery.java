package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.PathHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ServiceAccount issuer's OpenID Connect discovery document and key set (KEP-1393).
 *
 * @param address host and port of the API server as others reach it
 */
record IssuerDiscovery(ServiceAccountTokens tokens, Supplier<String> address) implements PathHandler {

    private static final String KEYS = "/openid/v1/jwks";

    @Override
    public @Nullable ApiResponse handle(ApiRequest request) {
        return switch (request.path()) {
            case "/.well-known/openid-configuration" -> answer("application/json", configuration());
            case KEYS -> answer("application/jwk-set+json", keys());
            default -> null;
        };
    }

    private ObjectNode configuration() {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("issuer", ServiceAccountTokens.ISSUER).put("jwks_uri", "https://" + address.get() + KEYS);
        document.putArray("response_types_supported").add("id_token");
        document.putArray("subject_types_supported").add("public");
        document.putArray("id_token_signing_alg_values_supported").add("ES256");
        return document;
    }

    private ObjectNode keys() {
        var document = JsonNodeFactory.instance.objectNode();
        document.putArray("keys").add(tokens.publicJwk());
        return document;
    }

    private static ApiResponse answer(String type, ObjectNode document) {
        var headers = Map.of("content-type", List.of(type), "cache-control", List.of("public, max-age=3600"));
        return new ApiResponse.Complete(200, headers, document.toString().getBytes(StandardCharsets.UTF_8));
    }
}
