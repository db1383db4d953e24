package dev.sampan.apiserver.kinds;

/** Why an address or a port could not be had, in Kubernetes' words. */
final class Taken extends Exception {

    private static final long serialVersionUID = 1L;

    Taken(String message) {
        super(message, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
