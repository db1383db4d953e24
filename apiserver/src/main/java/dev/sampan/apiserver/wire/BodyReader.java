package dev.sampan.apiserver.wire;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Decoded;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.codec.Yaml;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reads bodies by their Content-Type. Thread-safe. */
public final class BodyReader {

    private final Protobuf protobuf;

    public BodyReader(Protobuf protobuf) {
        this.protobuf = protobuf;
    }

    /**
     * The body as an object, JSON when the request does not say.
     *
     * @param allowProtobuf false for custom resources, which have no protobuf form
     * @throws ApiException 415 for an unknown Content-Type, 400 when the body cannot be read or is no object
     */
    public Decoded read(ApiRequest request, boolean allowProtobuf) {
        var type = MediaType.ofContentType(request.header("content-type"));
        var format = type == null || type.essence().equals("*/*") ? MediaType.JSON : type.essence();
        try {
            var decoded = switch (format) {
                case MediaType.JSON -> Json.read(request.body());
                case MediaType.YAML -> Yaml.read(request.body());
                case MediaType.PROTOBUF -> readProtobuf(request.body(), allowProtobuf);
                default -> throw ApiException.unsupportedMediaType(formats(allowProtobuf));
            };
            if (!(decoded.tree() instanceof ObjectNode)) {
                throw ApiException.badRequest("couldn't get version/kind; json parse error: "
                        + "json: cannot unmarshal value into an object");
            }
            return decoded;
        } catch (DecodeException e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    /** The object in bytes whose format nobody tells: protobuf, JSON or YAML; null when there is none. */
    public static @Nullable ObjectNode objectOf(byte[] body, Protobuf protobuf) {
        try {
            if (Protobuf.isEnvelope(body)) {
                return protobuf.read(body);
            }
            var json = body.length > 0 && body[0] == '{';
            return (json ? Json.read(body) : Yaml.read(body)).tree() instanceof ObjectNode object ? object : null;
        } catch (DecodeException e) {
            return null;
        }
    }

    private Decoded readProtobuf(byte[] body, boolean allowed) {
        if (!allowed) {
            throw ApiException.unsupportedMediaType(formats(false));
        }
        return new Decoded(protobuf.read(body), List.of());
    }

    private static List<String> formats(boolean withProtobuf) {
        return withProtobuf ? MediaType.OBJECT_FORMATS : List.of(MediaType.JSON, MediaType.YAML);
    }
}
