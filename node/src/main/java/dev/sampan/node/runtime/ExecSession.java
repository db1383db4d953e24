package dev.sampan.node.runtime;

import java.io.InputStream;
import java.io.OutputStream;

/** A command that runs in a container, or an attachment to its main process. With a terminal, standard error is empty. */
public interface ExecSession extends AutoCloseable {

    /** Closing it gives the command the end of its input. */
    OutputStream stdin();

    InputStream stdout();

    InputStream stderr();

    /** Sets the terminal's size; ignored without a terminal. */
    void resize(int columns, int rows);

    /** Waits for the end; returns the exit code, 128 plus the signal's number when killed. */
    int waitFor() throws InterruptedException;

    /** Ends an exec's command, or leaves what was attached to alone. */
    @Override
    void close();
}
