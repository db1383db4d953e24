package dev.sampan.apiserver.webhook;

/** A webhook could not be asked, or did not answer as it has to. */
public final class Unanswered extends Exception {

    private static final long serialVersionUID = 1L;

    public Unanswered(String message) {
        super(message, null, false, false);
    }
}
