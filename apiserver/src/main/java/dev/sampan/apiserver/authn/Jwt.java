package dev.sampan.apiserver.authn;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON web tokens signed with ES256 (RFC 7515, RFC 7518 section 3.4), and nothing else. */
final class Jwt {

    private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final KeyPair keys;
    private final String keyId;

    Jwt(KeyPair keys) {
        this.keys = keys;
        this.keyId = keyId(keys.getPublic());
    }

    String sign(ObjectNode claims) {
        var header = JsonNodeFactory.instance.objectNode();
        header.put("alg", "ES256").put("kid", keyId);
        var content = base64(header.toString()) + "." + base64(claims.toString());
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initSign(keys.getPrivate());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    /** The claims, read without any check; null when this is no JWT. Only to find out whose token it is. */
    static @Nullable JsonNode peek(String token) {
        var parts = token.split("\\.", -1);
        return parts.length == 3 ? json(parts[1]) : null;
    }

    /** The claims of a token with a valid signature; null for any other. Times are not looked at. */
    @Nullable
    JsonNode verify(String token) {
        var parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        var header = json(parts[0]);
        if (header == null || !header.path("alg").stringValue("").equals("ES256")) {
            return null;
        }
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(keys.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(parts[2])) ? json(parts[1]) : null;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable JsonNode json(String part) {
        try {
            var node = JSON.readTree(Base64.getUrlDecoder().decode(part));
            return node.isObject() ? node : null;
        } catch (JacksonException | IllegalArgumentException e) {
            return null;
        }
    }

    /** The public key as a JSON web key (RFC 7517, RFC 7518 section 6.2). */
    ObjectNode publicJwk() {
        var point = ((ECPublicKey) keys.getPublic()).getW();
        var jwk = JsonNodeFactory.instance.objectNode();
        jwk.put("use", "sig")
                .put("kty", "EC")
                .put("kid", keyId)
                .put("crv", "P-256")
                .put("alg", "ES256");
        return jwk.put("x", coordinate(point.getAffineX())).put("y", coordinate(point.getAffineY()));
    }

    private static String coordinate(BigInteger number) {
        var bytes = number.toByteArray();
        var fixed = new byte[32];
        int length = Math.min(bytes.length, fixed.length);
        System.arraycopy(bytes, bytes.length - length, fixed, fixed.length - length, length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
    }

    /** As Kubernetes derives it: the hash of the public key. */
    private static String keyId(PublicKey key) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 is missing", e);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
