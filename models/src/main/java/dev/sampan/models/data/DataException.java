package dev.sampan.models.data;

/** Data that cannot be read; the message names the file, the place in it and what was expected. */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
