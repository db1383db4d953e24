package dev.sampan.apiserver;

import dev.sampan.schema.FieldError;
import java.util.List;

/** Under which name a request's changes are recorded in {@code metadata.managedFields}. */
final class FieldManagerNames {

    private static final int MAX_LENGTH = 128;

    private FieldManagerNames() {}

    /**
     * The {@code fieldManager} parameter, else what stands before the first slash of the User-Agent.
     *
     * @throws ApiException 422 when the parameter is too long or not printable
     */
    static String of(ApiRequest request) {
        var given = request.parameter("fieldManager");
        if (!given.isEmpty()) {
            check(given, request.method());
            return given;
        }
        var agent = request.header("user-agent");
        if (agent == null) {
            return "unknown";
        }
        int slash = agent.indexOf('/');
        return printable(slash < 0 ? agent : agent.substring(0, slash));
    }

    private static void check(String name, String method) {
        FieldError error = null;
        if (name.length() > MAX_LENGTH) {
            error = FieldError.tooLong("fieldManager", MAX_LENGTH);
        } else if (!printable(name).equals(name)) {
            error = FieldError.invalid("fieldManager", name, "should only contain printable characters");
        }
        if (error != null) {
            var options = switch (method) {
                case "POST" -> "CreateOptions";
                case "PATCH" -> "PatchOptions";
                default -> "UpdateOptions";
            };
            throw ApiException.invalid(new GroupKind("meta.k8s.io", options), "", List.of(error));
        }
    }

    private static String printable(String text) {
        var result = new StringBuilder();
        text.codePoints()
                .filter(c -> c >= ' ' && c != 0x7F && Character.isDefined(c) && !Character.isISOControl(c))
                .limit(MAX_LENGTH)
                .forEach(result::appendCodePoint);
        return result.toString();
    }
}
