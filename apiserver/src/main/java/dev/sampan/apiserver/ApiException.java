package dev.sampan.apiserver;

import dev.sampan.apiserver.Status.Cause;
import dev.sampan.apiserver.Status.Details;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.GroupVersionKind;
import java.util.List;
import java.util.stream.Collectors;

/** An error that the caller is told of as a {@link Status}, with Kubernetes' reasons and wording. */
public final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Status status;

    public ApiException(Status status) {
        super(status.message(), null, false, false);
        this.status = status;
    }

    public Status status() {
        return status;
    }

    public int code() {
        return status.code();
    }

    public boolean isNotFound() {
        return status.reason().equals("NotFound");
    }

    public boolean isAlreadyExists() {
        return status.reason().equals("AlreadyExists");
    }

    public boolean isConflict() {
        return status.reason().equals("Conflict");
    }

    /** Whether the server could not do what was asked: then it may have been done in part. */
    public boolean isServersFault() {
        return status.code() >= 500;
    }

    public static ApiException badRequest(String message) {
        return plain(400, "BadRequest", message);
    }

    /** A parameter that should be a whole number, in Go's words. */
    public static ApiException noInteger(String text) {
        return badRequest("strconv.ParseInt: parsing \"%s\": invalid syntax".formatted(text));
    }

    /** A body that does not have the form of its kind. */
    public static ApiException cannotHandle(GroupVersionKind kind, String why) {
        return badRequest("%s in version \"%s\" cannot be handled as a %s: %s"
                .formatted(kind.kind(), kind.version(), kind.kind(), why));
    }

    public static ApiException unauthorized() {
        return plain(401, "Unauthorized", "Unauthorized");
    }

    /** Refused, by an authorizer or by admission, before the object was looked at. */
    public static ApiException forbidden(GroupResource resource, String name, String why) {
        var what = name.isEmpty()
                ? "%s is forbidden: %s".formatted(resource, why)
                : "%s \"%s\" is forbidden: %s".formatted(resource, name, why);
        return about(403, "Forbidden", what, resource, name);
    }

    public static ApiException forbiddenPath(String message) {
        return new ApiException(new Status(403, "Forbidden", message, Details.of("", "", "")));
    }

    public static ApiException notFound(GroupResource resource, String name) {
        return about(404, "NotFound", "%s \"%s\" not found".formatted(resource, name), resource, name);
    }

    /** No such path or resource type at all. */
    public static ApiException pageNotFound() {
        return new ApiException(new Status(
                404, "NotFound", "the server could not find the requested resource", Details.of("", "", "")));
    }

    public static ApiException methodNotSupported(GroupResource resource, String action) {
        var message = "%s is not supported on resources of kind \"%s\"".formatted(action, resource);
        return about(405, "MethodNotAllowed", message, resource, "");
    }

    public static ApiException notAcceptable(List<String> accepted) {
        return plain(
                406, "NotAcceptable", "only the following media types are accepted: " + String.join(", ", accepted));
    }

    public static ApiException alreadyExists(GroupResource resource, String name) {
        return about(409, "AlreadyExists", "%s \"%s\" already exists".formatted(resource, name), resource, name);
    }

    /** {@code Operation cannot be fulfilled on pods "web": why}. */
    public static ApiException conflict(GroupResource resource, String name, String why) {
        var message = "Operation cannot be fulfilled on %s \"%s\": %s".formatted(resource, name, why);
        return about(409, "Conflict", message, resource, name);
    }

    /** An apply would change fields that others own; each is a cause. */
    public static ApiException applyConflict(String message, List<Cause> causes) {
        return new ApiException(new Status(409, "Conflict", message, new Details("", "", "", "", causes, 0)));
    }

    /** The write was based on a version that is no longer the latest. */
    public static ApiException stale(GroupResource resource, String name) {
        return conflict(
                resource,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    /** History asked for is compacted away; the client has to list again. */
    public static ApiException expired(String message) {
        return plain(410, "Expired", message);
    }

    /** A list expired in the middle; {@code continueToken} goes on with what there is now. */
    public static ApiException expired(String message, String continueToken) {
        return new ApiException(new Status(410, "Expired", message, null, continueToken));
    }

    public static ApiException tooLarge(String message) {
        return plain(413, "RequestEntityTooLarge", message);
    }

    public static ApiException unsupportedMediaType(List<String> accepted) {
        return plain(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + String.join(", ", accepted));
    }

    /** The object breaks the rules of its kind; each error becomes a cause. */
    public static ApiException invalid(GroupKind kind, String name, List<FieldError> errors) {
        var causes = errors.stream()
                .map(e -> new Cause(e.type().reason(), e.message(), e.field()))
                .toList();
        var texts = errors.stream().map(FieldError::toString).distinct().toList();
        var joined = texts.size() == 1 ? texts.getFirst() : texts.stream().collect(Collectors.joining(", ", "[", "]"));
        var message = "%s \"%s\" is invalid: %s".formatted(kind, name, joined);
        return new ApiException(
                new Status(422, "Invalid", message, new Details(name, kind.group(), kind.kind(), "", causes, 0)));
    }

    public static ApiException tooManyRequests(String message, int retryAfterSeconds) {
        return new ApiException(
                new Status(429, "TooManyRequests", message, new Details("", "", "", "", List.of(), retryAfterSeconds)));
    }

    public static ApiException internal(String message) {
        return plain(500, "InternalError", "Internal error occurred: " + message);
    }

    public static ApiException unavailable(String message) {
        return plain(503, "ServiceUnavailable", message);
    }

    public static ApiException timeout(String message) {
        return plain(504, "Timeout", "Timeout: " + message);
    }

    private static ApiException plain(int code, String reason, String message) {
        return new ApiException(new Status(code, reason, message, null));
    }

    private static ApiException about(int code, String reason, String message, GroupResource resource, String name) {
        return new ApiException(
                new Status(code, reason, message, Details.of(resource.group(), resource.resource(), name)));
    }
}
