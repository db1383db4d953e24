package dev.sampan.node.pod;

/** A container cannot be created because something that its specification refers to is missing or wrong. */
final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }
}
