package dev.sampan.serving.error;

/** A request, a model or a configuration that cannot be served. The message is meant for the client. */
public final class ServingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ServingException(Code code, String message) {
        // No stack trace: this is an answer, and wrong requests must not cost more than right ones.
        super(message, null, false, false);
        this.code = code;
    }

    public ServingException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    public static ServingException invalid(String message) {
        return new ServingException(Code.INVALID_ARGUMENT, message);
    }

    public static ServingException notFound(String message) {
        return new ServingException(Code.NOT_FOUND, message);
    }
}
