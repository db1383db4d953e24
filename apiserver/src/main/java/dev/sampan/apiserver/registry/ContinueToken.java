package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Where a chunked list goes on. Opaque to clients.
 *
 * @param revision revision of the whole list; -1 to go on with the latest state, which is not consistent
 * @param start key to go on from, below the list's prefix
 * @param remaining objects from there on when nothing is selected, -1 when not known
 */
record ContinueToken(long revision, String start, long remaining) {

    static final long LATEST = -1;
    private static final String VERSION = "meta.k8s.io/v1";

    /** @throws ApiException 400 in Kubernetes' words: clients may have made a token up */
    static ContinueToken parse(String text) {
        var json = json(text);
        if (!json.path("v").asString("").equals(VERSION)) {
            throw invalid("server does not recognize this encoded version \"%s\""
                    .formatted(json.path("v").asString("")));
        }
        var revision = json.path("rv");
        if (!isLong(revision) || revision.asLong() == 0 || revision.asLong() < LATEST) {
            throw invalid("incorrect encoded start resourceVersion (version " + VERSION + ")");
        }
        var start = json.path("start").asString("");
        if (start.isEmpty()) {
            throw invalid("encoded start key empty (version " + VERSION + ")");
        }
        var left = json.path("left");
        return new ContinueToken(revision.asLong(), start, isLong(left) ? Math.max(left.asLong(), -1) : -1);
    }

    private static boolean isLong(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong();
    }

    private static JsonNode json(String text) {
        try {
            return Json.read(Base64.getUrlDecoder().decode(text)).tree();
        } catch (IllegalArgumentException | DecodeException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static ApiException invalid(String why) {
        return ApiException.badRequest("invalid continue token: continue key is not valid: " + why);
    }

    String encode() {
        var json = JsonNodeFactory.instance
                .objectNode()
                .put("v", VERSION)
                .put("rv", revision)
                .put("start", start)
                .put("left", remaining);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.write(json));
    }

    /** 410 with a token that goes on inconsistently, as Kubernetes offers it. */
    ApiException expired() {
        var message =
                "The provided continue parameter is too old to display a consistent list result. You can start a new"
                        + " list without the continue parameter, or use the continue token in this response to retrieve the remainder"
                        + " of the results. Continuing with the provided token results in an inconsistent list - objects that were"
                        + " created, modified, or deleted between the time the first chunk was returned and now may show up in the"
                        + " list.";
        return ApiException.expired(message, new ContinueToken(LATEST, start, -1).encode());
    }

    @Override
    public String toString() {
        return new String(Base64.getUrlDecoder().decode(encode()), StandardCharsets.UTF_8);
    }
}
