package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Finds the bearer token of a request: in its Authorization header or, for browsers, among its WebSocket protocols. */
final class BearerToken {

    private static final String PROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private BearerToken() {}

    static @Nullable String of(ApiRequest request) {
        var header = request.header("authorization");
        if (header != null && header.regionMatches(true, 0, "bearer ", 0, 7)) {
            var token = header.substring(7).strip();
            return token.isEmpty() ? null : token;
        }
        var protocols = request.header("sec-websocket-protocol");
        if (protocols != null) {
            for (var protocol : protocols.split(",")) {
                if (protocol.strip().startsWith(PROTOCOL)) {
                    return decode(protocol.strip().substring(PROTOCOL.length()));
                }
            }
        }
        return null;
    }

    private static @Nullable String decode(String text) {
        try {
            return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
