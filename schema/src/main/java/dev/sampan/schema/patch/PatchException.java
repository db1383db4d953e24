package dev.sampan.schema.patch;

/** A patch that cannot be read or applied. */
public final class PatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** How the API answers. */
    public enum Reason {
        /** 400: the patch itself is malformed. */
        BAD_REQUEST,
        /** 422: the patch is well-formed but does not fit the object. */
        INVALID
    }

    private final Reason reason;

    public PatchException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
