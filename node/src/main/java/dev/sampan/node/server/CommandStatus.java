package dev.sampan.node.server;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** How an exec or attach ended, as the {@code Status} that version 4 of the remote command protocol puts on its error channel. */
final class CommandStatus {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String METADATA = "metadata";
    private static final String STATUS = "status";

    private CommandStatus() {}

    static byte[] success() {
        return JSON.writeValueAsBytes(Map.of(METADATA, Map.of(), STATUS, "Success"));
    }

    static byte[] exited(int code) {
        return JSON.writeValueAsBytes(Map.of(
                METADATA,
                Map.of(),
                STATUS,
                "Failure",
                "message",
                "command terminated with non-zero exit code: exit status " + code,
                "reason",
                "NonZeroExitCode",
                "details",
                Map.of("causes", List.of(Map.of("reason", "ExitCode", "message", Integer.toString(code))))));
    }

    static byte[] failure(String message) {
        return JSON.writeValueAsBytes(Map.of(
                METADATA,
                Map.of(),
                STATUS,
                "Failure",
                "message",
                "Internal error occurred: " + message,
                "reason",
                "InternalError",
                "details",
                Map.of("causes", List.of(Map.of("message", message))),
                "code",
                500));
    }
}
