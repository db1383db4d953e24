package dev.sampan.apiserver.wire;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Status;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.codec.Yaml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Writes objects as response bodies. Thread-safe. */
public final class ResponseWriter {

    private final Protobuf protobuf;

    public ResponseWriter(Protobuf protobuf) {
        this.protobuf = protobuf;
    }

    /** An object that carries apiVersion and kind; JSON instead of protobuf when the kind has no protobuf form. */
    public ApiResponse.Complete object(int code, Accepted accepted, ObjectNode object) {
        var format = accepted.format();
        if (format.equals(MediaType.PROTOBUF)
                && !protobuf.supports(
                        object.path("apiVersion").asString(""),
                        object.path("kind").asString(""))) {
            format = MediaType.JSON;
        }
        return bytes(code, format, encode(format, object));
    }

    /** Bytes in one of the formats. */
    public static byte[] encodeText(String format, ObjectNode object) {
        return format.equals(MediaType.YAML) ? Yaml.write(object) : Json.write(object);
    }

    private byte[] encode(String format, ObjectNode object) {
        return format.equals(MediaType.PROTOBUF) ? protobuf.write(object) : encodeText(format, object);
    }

    /** Bytes that are JSON already. */
    public static ApiResponse.Complete json(int code, byte[] body) {
        return bytes(code, MediaType.JSON, body);
    }

    public static ApiResponse.Complete bytes(int code, String contentType, byte[] body) {
        return new ApiResponse.Complete(code, Map.of("content-type", List.of(contentType)), body);
    }

    /** A Status in the format that the client accepts; JSON when it accepts none that fits. */
    public ApiResponse.Complete status(ApiRequest request, Status status) {
        var format = MediaType.ofAccept(request.headers().get("accept")).stream()
                .map(MediaType::essence)
                .filter(MediaType.OBJECT_FORMATS::contains)
                .findFirst()
                .orElse(MediaType.JSON);
        var response = object(status.code(), new Accepted(format, Accepted.Shape.OBJECT, ""), status.toJson());
        var details = status.details();
        return details == null || details.retryAfterSeconds() == 0
                ? response
                : with(response, "retry-after", Integer.toString(details.retryAfterSeconds()));
    }

    /** Adds {@code Warning: 299 - "text"} headers. */
    public static ApiResponse withWarnings(ApiResponse response, List<String> warnings) {
        if (warnings.isEmpty()) {
            return response;
        }
        var values = new ArrayList<String>();
        for (var warning : warnings) {
            values.add("299 - \"" + escape(warning) + '"');
        }
        var headers = new HashMap<>(response.headers());
        headers.put("warning", values);
        return switch (response) {
            case ApiResponse.Complete c -> new ApiResponse.Complete(c.status(), headers, c.body());
            case ApiResponse.Stream s -> new ApiResponse.Stream(s.status(), headers, s.body());
            case ApiResponse.Upgrade u -> new ApiResponse.Upgrade(headers, u.tunnel());
        };
    }

    private static ApiResponse.Complete with(ApiResponse.Complete response, String name, String value) {
        var headers = new HashMap<>(response.headers());
        headers.put(name, List.of(value));
        return new ApiResponse.Complete(response.status(), headers, response.body());
    }

    /** A quoted string of HTTP: printable, with quotes and backslashes escaped. */
    private static String escape(String text) {
        var result = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                result.append('\\').append(c);
            } else {
                result.append(c < ' ' ? ' ' : c);
            }
        }
        return result.toString();
    }
}
