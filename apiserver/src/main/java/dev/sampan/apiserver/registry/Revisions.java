package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.Status;
import dev.sampan.schema.FieldError;
import java.util.ArrayList;
import java.util.List;

/** Reading of resourceVersion and its companions from requests. */
public final class Revisions {

    private static final String MATCH = "resourceVersionMatch";
    private static final String EXACT = "Exact";
    private static final String NOT_OLDER = "NotOlderThan";

    private Revisions() {}

    /**
     * The number in a resourceVersion; 0 for "0" and for none. What is beyond a long is as far ahead as its maximum.
     *
     * @throws ApiException 400 when it is no number
     */
    public static long parse(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            long value = Long.parseUnsignedLong(text);
            return value < 0 ? Long.MAX_VALUE : value;
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
        var errors = watch ? watchErrors(request) : listErrors(request);
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("meta.k8s.io", "ListOptions"), "", errors);
        }
    }

    private static List<FieldError> listErrors(ApiRequest request) {
        var errors = new ArrayList<FieldError>();
        var match = request.parameter(MATCH);
        if (!match.isEmpty()) {
            if (request.parameter("resourceVersion").isEmpty()) {
                errors.add(forbidden("is forbidden unless resourceVersion is provided"));
            }
            if (!request.parameter("continue").isEmpty()) {
                errors.add(forbidden("is forbidden when continue is provided"));
            }
            if (!match.equals(EXACT) && !match.equals(NOT_OLDER)) {
                errors.add(FieldError.notSupported(MATCH, match, List.of(EXACT, NOT_OLDER, "")));
            }
            if (match.equals(EXACT) && request.parameter("resourceVersion").equals("0")) {
                errors.add(forbidden("\"exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        if (asksForInitialEvents(request)) {
            errors.add(FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        return errors;
    }

    private static List<FieldError> watchErrors(ApiRequest request) {
        var errors = new ArrayList<FieldError>();
        var match = request.parameter(MATCH);
        boolean initialEvents = asksForInitialEvents(request);
        if (initialEvents && !match.equals(NOT_OLDER)) {
            errors.add(FieldError.forbidden(
                    MATCH, "sendInitialEvents requires setting resourceVersionMatch to " + NOT_OLDER));
        }
        if (!match.isEmpty()) {
            if (!initialEvents) {
                errors.add(forbidden("is forbidden for watch unless sendInitialEvents is provided"));
            }
            if (!match.equals(NOT_OLDER)) {
                errors.add(FieldError.notSupported(MATCH, match, List.of(NOT_OLDER)));
            }
            if (!request.parameter("continue").isEmpty()) {
                errors.add(forbidden("is forbidden when continue is provided"));
            }
        }
        return errors;
    }

    private static boolean asksForInitialEvents(ApiRequest request) {
        return !request.parameter("sendInitialEvents").isEmpty();
    }

    private static FieldError forbidden(String why) {
        return FieldError.forbidden(MATCH, MATCH + " " + why);
    }
}
