package dev.sampan.models.keras;

/** A Keras file that cannot be converted; the message says what in it. */
public final class KerasException extends Exception {
    private static final long serialVersionUID = 1L;

    public KerasException(String message) {
        super(message);
    }

    public KerasException(String message, Throwable cause) {
        super(message, cause);
    }
}
