package dev.sampan.models.parallel;

/** Worker 0 runs another job, or the same one with other settings; starting again does not help. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
