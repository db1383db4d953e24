package dev.sampan.schema.codec;

/** Bytes that are not an object in the media type they claim to be. The API answers it as 400 BadRequest. */
public final class DecodeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public DecodeException(String message) {
        super(message);
    }

    public DecodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
