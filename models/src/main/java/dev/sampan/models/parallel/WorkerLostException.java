package dev.sampan.models.parallel;

/** Another worker did not come, went away or stopped answering. The job can be started again from its checkpoint. */
public final class WorkerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WorkerLostException(String message) {
        super(message);
    }

    public WorkerLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
