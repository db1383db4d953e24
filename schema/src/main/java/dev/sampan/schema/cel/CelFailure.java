package dev.sampan.schema.cel;

/** An expression that does not compile, or that cannot be evaluated; the message says why, in cel-go's words where known. */
public final class CelFailure extends Exception {
    private static final long serialVersionUID = 1L;

    CelFailure(String message) {
        super(message, null, false, false);
    }
}
