package dev.sampan.node.runtime;

/** The runtime could not do what it was asked with a sandbox or container; the message tells the user why. */
public final class ContainerFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason a waiting reason of a container, such as {@code RunContainerError} */
    public ContainerFailure(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ContainerFailure(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
