package dev.sampan.models;

/** How the programs of this module end. */
public final class ExitCodes {
    public static final int OK = 0;
    /** It failed, or a model is not good enough; the message says why. */
    public static final int FAILED = 1;
    /** The options make no sense. */
    public static final int USAGE = 2;
    /**
     * Another worker was lost: trying again may help. 138 (128 + SIGUSR1) is the code that Kubeflow's {@code ExitCode}
     * restart policy keeps for failures that a program itself calls retryable.
     */
    public static final int RETRY = 138;

    private ExitCodes() {}
}
