package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Status;
import dev.sampan.schema.FieldError;
import java.util.ArrayList;
import java.util.List;

/** Reading of resourceVersion and its companions from requests. */
public final class Revisions {

    private Revisions() {}

    /** The number in a resourceVersion; 0 for "0" and for none. @throws ApiException 400 when it is no number */
    public static long parse(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw ApiException.badRequest(
                    "Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax".formatted(text, text));
        }
    }

    /** @throws ApiException 504 with the cause that client-go looks for */
    public static ApiException tooLarge(long wanted, long current) {
        var message = "Timeout: Too large resource version: %d, current: %d".formatted(wanted, current);
        var cause = new Status.Cause("ResourceVersionTooLarge", "Too large resource version", "");
        return new ApiException(
                new Status(504, "Timeout", message, new Status.Details("", "", "", "", List.of(cause), 1)));
    }

    /** Refuses combinations that Kubernetes refuses. @throws ApiException 422 */
    public static void checkListOptions(ApiRequest request, boolean watch) {
        var errors = new ArrayList<FieldError>();
        var match = request.parameter("resourceVersionMatch");
        var version = request.parameter("resourceVersion");
        boolean initialEvents = !request.parameter("sendInitialEvents").isEmpty();
        if (!match.isEmpty()) {
            if (watch && !initialEvents) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            }
            if (!watch && version.isEmpty()) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }
            if (!request.parameter("continue").isEmpty()) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            }
            if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
                errors.add(
                        FieldError.notSupported("resourceVersionMatch", match, List.of("Exact", "NotOlderThan", "")));
            }
            if (match.equals("Exact") && version.equals("0")) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        if (initialEvents && !watch) {
            errors.add(FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if (initialEvents && !match.equals("NotOlderThan")) {
            errors.add(FieldError.forbidden(
                    "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new dev.sampan.apiserver.GroupKind("meta.k8s.io", "ListOptions"), "", errors);
        }
    }
}
