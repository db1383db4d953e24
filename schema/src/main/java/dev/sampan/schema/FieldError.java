package dev.sampan.schema;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with one field, in Kubernetes' words.
 *
 * @param type what is wrong
 * @param field path such as {@code spec.containers[0].name}
 * @param value offending value as Java or JSON value; printed as Kubernetes prints it; ignored by types that show none
 * @param detail what to do about it; may be empty
 */
public record FieldError(Type type, String field, @Nullable Object value, String detail) {

    /** What is wrong; {@link #reason()} is the reason of the cause in a {@code Status}. */
    public enum Type {
        NOT_FOUND("FieldValueNotFound", "Not found"),
        REQUIRED("FieldValueRequired", "Required value"),
        DUPLICATE("FieldValueDuplicate", "Duplicate value"),
        INVALID("FieldValueInvalid", "Invalid value"),
        NOT_SUPPORTED("FieldValueNotSupported", "Unsupported value"),
        FORBIDDEN("FieldValueForbidden", "Forbidden"),
        TOO_LONG("FieldValueTooLong", "Too long"),
        TOO_MANY("FieldValueTooMany", "Too many"),
        INTERNAL("InternalError", "Internal error"),
        TYPE_INVALID("FieldValueTypeInvalid", "Invalid value");

        private final String reason;
        private final String words;

        Type(String reason, String words) {
            this.reason = reason;
            this.words = words;
        }

        /** {@code reason} of the {@code Status} cause. */
        public String reason() {
            return reason;
        }
    }

    public static FieldError required(String field, String detail) {
        return new FieldError(Type.REQUIRED, field, null, detail);
    }

    public static FieldError invalid(String field, @Nullable Object value, String detail) {
        return new FieldError(Type.INVALID, field, value, detail);
    }

    public static FieldError typeInvalid(String field, @Nullable Object value, String detail) {
        return new FieldError(Type.TYPE_INVALID, field, value, detail);
    }

    public static FieldError duplicate(String field, @Nullable Object value) {
        return new FieldError(Type.DUPLICATE, field, value, "");
    }

    public static FieldError forbidden(String field, String detail) {
        return new FieldError(Type.FORBIDDEN, field, null, detail);
    }

    public static FieldError notFound(String field, @Nullable Object value) {
        return new FieldError(Type.NOT_FOUND, field, value, "");
    }

    /** A value outside a closed set; {@code supported} is printed in the order given. */
    public static FieldError notSupported(String field, @Nullable Object value, Collection<String> supported) {
        var detail = new StringBuilder();
        for (var s : supported) {
            detail.append(detail.isEmpty() ? "supported values: " : ", ").append(FieldValues.quote(s));
        }
        return new FieldError(Type.NOT_SUPPORTED, field, value, detail.toString());
    }

    /** A string longer than {@code maxBytes}. */
    public static FieldError tooLong(String field, long maxBytes) {
        var detail = maxBytes < 0
                ? "value is too long"
                : "may not be more than " + maxBytes + (maxBytes == 1 ? " byte" : " bytes");
        return new FieldError(Type.TOO_LONG, field, null, detail);
    }

    /** A list or map with {@code actual} items where only {@code max} may be. */
    public static FieldError tooMany(String field, long actual, long max) {
        return new FieldError(
                Type.TOO_MANY, field, actual, "must have at most " + max + (max == 1 ? " item" : " items"));
    }

    /** Without the field's path: the {@code message} of the {@code Status} cause. */
    public String message() {
        var text = switch (type) {
            case REQUIRED, FORBIDDEN, TOO_LONG, INTERNAL -> type.words;
            case NOT_FOUND, DUPLICATE, INVALID, NOT_SUPPORTED, TOO_MANY, TYPE_INVALID ->
                type.words + ": " + FieldValues.print(value);
        };
        return detail.isEmpty() ? text : text + ": " + detail;
    }

    /** As Kubernetes prints it: {@code spec.replicas: Invalid value: -1: must be greater than or equal to 0}. */
    @Override
    public String toString() {
        return field + ": " + message();
    }
}
