package dev.sampan.apiserver.discovery;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.registry.ServedTypes;
import dev.sampan.apiserver.wire.Accepted;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.apiserver.wire.ResponseWriter;
import dev.sampan.schema.codec.Json;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Answers {@code /api}, {@code /apis}, {@code /api/v1}, {@code /apis/GROUP} and {@code /apis/GROUP/VERSION}. */
public final class DiscoveryEndpoint {

    private static final String AGGREGATED = "APIGroupDiscoveryList";

    private final ServedTypes types;
    private final ResponseWriter responses;
    private final Supplier<String> serverAddress;

    public DiscoveryEndpoint(ServedTypes types, ResponseWriter responses, Supplier<String> serverAddress) {
        this.types = types;
        this.responses = responses;
        this.serverAddress = serverAddress;
    }

    /** The answer, or null when the path is not one of discovery's. @throws ApiException 404, 406 */
    public @Nullable ApiResponse handle(ApiRequest request) {
        var parts = List.of(request.path().replaceAll("^/+|/+$", "").split("/+"));
        boolean core = parts.getFirst().equals("api");
        if ((!core && !parts.getFirst().equals("apis")) || parts.size() > (core ? 2 : 3)) {
            return null;
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw new ApiException(new dev.sampan.apiserver.Status(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource", null));
        }
        var table = types.table();
        if (parts.size() == 1) {
            var version = aggregated(request);
            return version == null
                    ? plain(request, core ? Discovery.coreVersions(serverAddress.get()) : Discovery.groups(table))
                    : aggregated(AggregatedDiscovery.of(table, core, version), version);
        }
        if (core) {
            return plain(request, Discovery.resources(table, "", parts.get(1)));
        }
        return plain(
                request,
                parts.size() == 2
                        ? Discovery.group(table, parts.get(1))
                        : Discovery.resources(table, parts.get(1), parts.get(2)));
    }

    private ApiResponse plain(ApiRequest request, ObjectNode document) {
        var accepted = Accepted.negotiate(request.headers().get("accept"), MediaType.OBJECT_FORMATS);
        return responses.object(200, accepted, document);
    }

    private static ApiResponse aggregated(ObjectNode document, String version) {
        return ResponseWriter.bytes(
                200,
                "application/json;g=apidiscovery.k8s.io;v=%s;as=%s".formatted(version, AGGREGATED),
                Json.write(document));
    }

    /** The version of aggregated discovery that comes first in what the client accepts; null for plain discovery. */
    private static @Nullable String aggregated(ApiRequest request) {
        for (var clause : MediaType.ofAccept(request.headers().get("accept"))) {
            if (!clause.essence().equals(MediaType.JSON)) {
                if (MediaType.OBJECT_FORMATS.contains(clause.essence())
                        && clause.parameter("as").isEmpty()) {
                    return null;
                }
                continue;
            }
            if (clause.parameter("as").isEmpty()) {
                return null;
            }
            var version = clause.parameter("v");
            if (clause.parameter("as").equals(AGGREGATED)
                    && clause.parameter("g").equals("apidiscovery.k8s.io")
                    && (version.equals("v2") || version.equals("v2beta1"))) {
                return version;
            }
        }
        return null;
    }
}
