package dev.sampan.node.runtime;

/** An image cannot be had; the message tells the user why and what to do. */
public final class ImageFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason {@code ErrImagePull} or {@code InvalidImageName} */
    public ImageFailure(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
