package dev.sampan.serving.http;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.json.JsonWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An answer.
 *
 * @param body its remaining bytes
 * @param headers further ones, without type and length
 */
public record HttpAnswer(int status, String contentType, ByteBuffer body, Map<String, String> headers) {
    private static final String JSON = "application/json";

    public HttpAnswer {
        headers = Map.copyOf(headers);
    }

    /** 200 with JSON. */
    public static HttpAnswer json(ByteBuffer body) {
        return json(200, body);
    }

    public static HttpAnswer json(int status, ByteBuffer body) {
        return new HttpAnswer(status, JSON, body, Map.of());
    }

    /** 200 with text of some type. */
    public static HttpAnswer text(String contentType, String text) {
        return new HttpAnswer(200, contentType, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), Map.of());
    }

    /** The answer to a request that failed. */
    public static HttpAnswer error(Code code, String message) {
        return error(code.httpStatus(), message);
    }

    /** The same with a status of HTTP's own. */
    public static HttpAnswer error(int status, String message) {
        return json(
                status,
                new JsonWriter().raw("{ \"error\": ").string(message).raw(" }").content());
    }

    /** This answer with one more header. */
    public HttpAnswer with(String name, String value) {
        var more = new HashMap<>(headers);
        more.put(name, value);
        return new HttpAnswer(status, contentType, body, more);
    }
}
