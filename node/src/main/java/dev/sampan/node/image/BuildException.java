package dev.sampan.node.image;

/** An image cannot be built, loaded or removed; the message says where the mistake is and what to do. */
public final class BuildException extends Exception {
    private static final long serialVersionUID = 1L;

    public BuildException(String message) {
        super(message);
    }

    /** A mistake in a line of a build file. */
    static BuildException at(String file, int line, String message) {
        return new BuildException(file + ":" + line + ": " + message);
    }
}
