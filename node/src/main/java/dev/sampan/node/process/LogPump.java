package dev.sampan.node.process;

import dev.sampan.node.logs.LogWriter;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one output stream of a container from its named pipe to the log and to whoever is attached. One small platform
 * thread, because reading a pipe would pin a virtual one. Ends when no process holds the pipe's other end.
 */
final class LogPump {

    private static final Logger LOG = LoggerFactory.getLogger(LogPump.class);
    private static final int BUFFER = 8 * 1024;
    private static final long STACK = 128 * 1024;

    private final String name;
    private final LogWriter.LineStream log;
    private final List<OutputStream> attached = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean detached;

    /** Opens the source on the pump's own thread, since opening a named pipe waits for its writer. */
    interface Source {
        InputStream open() throws IOException;
    }

    LogPump(String name, Source source, LogWriter.LineStream log) {
        this.name = name;
        this.log = log;
        this.thread = new Thread(null, () -> run(source), "log " + name, STACK);
        thread.setDaemon(true);
    }

    static Source pipe(Path fifo) {
        return () -> new FileInputStream(fifo.toFile());
    }

    void start() {
        thread.start();
    }

    /** Copies what comes from now on to the stream too; a stream that fails is let go of. */
    void attach(OutputStream stream) {
        attached.add(stream);
    }

    private void run(Source source) {
        try (var in = source.open()) {
            var buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (detached) {
                    log.write(buffer, 0, n - 1);
                    return;
                }
                log.write(buffer, 0, n);
                for (var stream : attached) {
                    copy(stream, buffer, n);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("output of {} is lost from here on: {}", name, e.getMessage());
        } finally {
            endLog();
            attached.forEach(LogPump::closeQuietly);
        }
    }

    private void endLog() {
        try {
            log.end();
        } catch (UncheckedIOException e) {
            LOG.warn("the last line of {} is lost: {}", name, e.getMessage());
        }
    }

    private void copy(OutputStream stream, byte[] buffer, int length) {
        try {
            stream.write(buffer, 0, length);
            stream.flush();
        } catch (IOException e) {
            attached.remove(stream);
        }
    }

    private static void closeQuietly(OutputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debug("an attached stream was already gone: {}", e.getMessage());
        }
    }

    /** Makes the pump leave the pipe to a later agent: a byte of its own wakes it from its read. */
    void detach(Path fifo) {
        detached = true;
        try (var out = new java.io.RandomAccessFile(fifo.toFile(), "rw")) {
            out.write('\n');
            thread.join(java.time.Duration.ofSeconds(1));
        } catch (IOException e) {
            LOG.debug("{}: the pipe is gone already: {}", name, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the end of the output, at most so long; true when it has ended. */
    boolean join(java.time.Duration atMost) throws InterruptedException {
        return thread.join(atMost);
    }
}
