package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The answer to a create that stores nothing. */
final class Created {

    private Created() {}

    static ApiResponse of(ObjectNode object) {
        return new ApiResponse.Complete(
                201,
                Map.of("content-type", List.of("application/json")),
                object.toString().getBytes(StandardCharsets.UTF_8));
    }
}
