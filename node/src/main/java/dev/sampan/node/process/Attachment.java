package dev.sampan.node.process;

import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;

/** A user's connection to the streams of a running container. */
final class Attachment implements ExecSession {

    private static final int BUFFER = 64 * 1024;

    private final ProcessContainer container;
    private final ExecSpec spec;
    private final InputStream stdout;
    private final InputStream stderr;

    Attachment(ProcessContainer container, ExecSpec spec) throws IOException {
        this.container = container;
        this.spec = spec;
        var out = new PipedOutputStream();
        var err = new PipedOutputStream();
        stdout = new PipedInputStream(out, BUFFER);
        stderr = new PipedInputStream(err, BUFFER);
        container.attach(out, err);
        if (container.terminal().isPresent()) {
            err.close();
        }
    }

    @Override
    public OutputStream stdin() {
        var stdin = spec.stdin() ? container.stdin() : java.util.Optional.<OutputStream>empty();
        return stdin.map(this::keepOpen).orElseGet(OutputStream::nullOutputStream);
    }

    /** The container's input ends with the first attachment only if it asked for that. */
    private OutputStream keepOpen(OutputStream stdin) {
        return new java.io.FilterOutputStream(stdin) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                out.flush();
            }

            @Override
            public void close() throws IOException {
                if (container.record().stdinOnce()) {
                    out.close();
                }
            }
        };
    }

    @Override
    public InputStream stdout() {
        return stdout;
    }

    @Override
    public InputStream stderr() {
        return stderr;
    }

    @Override
    public void resize(int columns, int rows) {
        container.terminal().ifPresent(t -> t.resize(columns, rows));
    }

    @Override
    public int waitFor() throws InterruptedException {
        container.awaitEnd();
        return container.view().state() instanceof dev.sampan.node.runtime.Container.Exited exited
                ? exited.exitCode()
                : 0;
    }

    @Override
    public void close() {
        try {
            stdout.close(); // the pump lets go of it at its next write
            stderr.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
