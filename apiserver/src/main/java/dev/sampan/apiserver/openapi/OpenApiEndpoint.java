package dev.sampan.apiserver.openapi;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.discovery.ServerVersion;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.ServedTypes;
import dev.sampan.apiserver.wire.Accepted;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.openapi.OpenApi;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** Answers {@code /openapi/v2}, {@code /openapi/v3} and {@code /openapi/v3/…}. Owns the documents that were made. */
public final class OpenApiEndpoint {

    private static final String ROOT = "/openapi/v3";
    private static final String V2 = "/openapi/v2";
    /** Clients ask for it with an @ before the version, which is not a valid media type to answer with. */
    private static final String V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private static final String V3_PROTOBUF = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
    private static final List<String> V3_FORMATS =
            List.of(MediaType.JSON, V3_PROTOBUF, V3_PROTOBUF.replace("v3.v1.0", "v3@v1.0"));

    private record Document(String hash, byte[] bytes) {}

    private final ServedTypes types;
    private final OpenApi openApi;
    private final Map<String, Document> documents = new ConcurrentHashMap<>();

    public OpenApiEndpoint(ServedTypes types, OpenApi openApi) {
        this.types = types;
        this.openApi = openApi;
    }

    /** The answer, or null when the path is another. @throws ApiException 404, 406 */
    public @Nullable ApiResponse handle(ApiRequest request) {
        var path = request.path();
        if (path.equals(V2)) {
            return v2(request);
        }
        if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
            return null;
        }
        var format =
                Accepted.negotiate(request.headers().get("accept"), V3_FORMATS).format();
        var below = path.substring(Math.min(path.length(), ROOT.length() + 1));
        return below.isEmpty()
                ? index(request)
                : document(below, format.equals(MediaType.JSON) ? format : V3_PROTOBUF, request);
    }

    /** kubectl up to 1.27 asks for this one, in protobuf. */
    private ApiResponse v2(ApiRequest request) {
        var accept = String.join(",", request.headers().getOrDefault("accept", List.of()));
        var protobuf = accept.contains("com.github.proto-openapi.spec.v2");
        var served = List.copyOf(types.table().all());
        var hash = hash(served);
        var document = documents.compute(
                protobuf ? V2_PROTOBUF : V2,
                (p, known) -> known != null && known.hash.equals(hash) ? known : makeV2(served, hash, protobuf));
        return answer(request, headers(protobuf ? V2_PROTOBUF : MediaType.JSON, hash, false), document);
    }

    /** The document, or 304 when the client says that it has it already. */
    private static ApiResponse answer(ApiRequest request, Map<String, List<String>> headers, Document document) {
        var known = request.headers().getOrDefault("if-none-match", List.of());
        var tag = '"' + document.hash() + '"';
        boolean unchanged = known.stream()
                .flatMap(v -> Arrays.stream(v.split(",")))
                .map(v -> v.strip().replaceFirst("^W/", ""))
                .anyMatch(v -> v.equals(tag) || v.equals("*"));
        return unchanged
                ? new ApiResponse.Complete(304, headers, new byte[0])
                : new ApiResponse.Complete(200, headers, document.bytes());
    }

    private Document makeV2(List<ServedType> served, String hash, boolean protobuf) {
        var v2 = openApi.v2(served.stream().map(ServedType::type).toList());
        return new Document(hash, protobuf ? openApi.v2Protobuf(v2) : Json.write(v2));
    }

    private ApiResponse index(ApiRequest request) {
        var result = JsonNodeFactory.instance.objectNode();
        var paths = result.putObject("paths");
        groupVersions()
                .forEach((path, types) ->
                        paths.putObject(path).put("serverRelativeURL", ROOT + "/" + path + "?hash=" + hash(types)));
        var hash = hash(List.copyOf(types.table().all()));
        return answer(request, headers(MediaType.JSON, hash, false), new Document(hash, Json.write(result)));
    }

    private ApiResponse document(String path, String format, ApiRequest request) {
        var askedHash = request.parameter("hash");
        var served = groupVersions().get(path);
        if (served == null) {
            throw ApiException.pageNotFound();
        }
        var hash = hash(served);
        if (!askedHash.isEmpty() && !askedHash.equals(hash)) {
            return new ApiResponse.Complete(
                    301, Map.of("location", List.of(ROOT + "/" + path + "?hash=" + hash)), new byte[0]);
        }
        var document = documents.compute(
                format + " " + path,
                (p, known) -> known != null && known.hash.equals(hash) ? known : make(served, hash, format));
        return answer(request, headers(format, hash, !askedHash.isEmpty()), document);
    }

    private Document make(List<ServedType> served, String hash, String format) {
        var gvk = served.getFirst().gvk();
        var resources = served.stream().map(ServedType::type).toList();
        var v3 = openApi.v3(gvk.group(), gvk.version(), resources);
        return new Document(hash, format.equals(MediaType.JSON) ? Json.write(v3) : openApi.v3Protobuf(v3));
    }

    private static Map<String, List<String>> headers(String format, String hash, boolean immutable) {
        return Map.of(
                "content-type", List.of(format),
                "etag", List.of('"' + hash + '"'),
                "vary", List.of("Accept"),
                "cache-control", List.of(immutable ? "public, immutable, max-age=31536000" : "no-cache, private"));
    }

    private Map<String, List<ServedType>> groupVersions() {
        var table = types.table();
        var result = new TreeMap<String, List<ServedType>>();
        for (var type : table.all()) {
            var gvk = type.gvk();
            var path = gvk.group().isEmpty() ? "api/" + gvk.version() : "apis/" + gvk.apiVersion();
            result.computeIfAbsent(path, p -> table.inGroupVersion(gvk.group(), gvk.version()));
        }
        return result;
    }

    /** Changes whenever the document would: built-in kinds change with the server, custom ones with their definition. */
    private static String hash(List<ServedType> served) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(ServerVersion.GIT_VERSION.getBytes(StandardCharsets.UTF_8));
            for (var type : served) {
                digest.update((type.gvk() + "=" + type.fingerprint() + ";").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().withUpperCase().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
