package dev.sampan.serving.source;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Computes anew what Signature Version 4 of AWS demands, from the specification's text and not with their library. */
final class SignedRequests {
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=(\\w+)");

    private SignedRequests() {}

    /** Whether the request is signed with the key and its secret. */
    static boolean isSigned(HttpExchange exchange, String key, String secret) {
        var headers = exchange.getRequestHeaders();
        var matcher = AUTHORIZATION.matcher(Objects.requireNonNullElse(headers.getFirst("Authorization"), ""));
        if (!matcher.matches() || !matcher.group(1).equals(key)) {
            return false;
        }
        var query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
        var canonical = exchange.getRequestMethod() + "\n"
                + exchange.getRequestURI().getRawPath() + "\n"
                + Arrays.stream(query.split("&")).sorted().collect(Collectors.joining("&")) + "\n"
                + Arrays.stream(matcher.group(4).split(";"))
                        .map(name -> name + ":" + headers.getFirst(name).strip() + "\n")
                        .collect(Collectors.joining())
                + "\n" + matcher.group(4) + "\n" + headers.getFirst("x-amz-content-sha256");
        var scope = matcher.group(2) + "/" + matcher.group(3) + "/s3/aws4_request";
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
            var text = "AWS4-HMAC-SHA256\n" + headers.getFirst("x-amz-date") + "\n" + scope + "\n"
                    + HexFormat.of().formatHex(digest);
            var signing = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
            for (var part : scope.split("/")) {
                signing = hmac(signing, part);
            }
            return HexFormat.of().formatHex(hmac(signing, text)).equals(matcher.group(5));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
