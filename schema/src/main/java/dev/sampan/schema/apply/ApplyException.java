package dev.sampan.schema.apply;

/** An applied configuration that does not fit the schema. The message begins with the field's path. */
public final class ApplyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ApplyException(String message) {
        super(message);
    }
}
