package dev.sampan.schema.patch;

/** A patch that cannot be read or applied; the message is in Kubernetes' words. */
public final class PatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** How the API answers. */
    public enum Reason {
        /** 400: the patch itself is malformed. */
        BAD_REQUEST,
        /** 413: more operations than are allowed. */
        TOO_LARGE,
        /** 422: the patch is well-formed but does not fit the object. */
        INVALID
    }

    private final Reason reason;

    public PatchException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    static PatchException malformed(String message) {
        return new PatchException(Reason.BAD_REQUEST, message);
    }

    static PatchException unfit(String message) {
        return new PatchException(Reason.INVALID, message);
    }

    public Reason reason() {
        return reason;
    }
}
