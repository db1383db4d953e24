package dev.sampan.node.process;

import dev.sampan.node.logs.LogWriter;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one output stream of a container from its named pipe to the log and to whoever is attached. One small platform
 * thread, because reading a pipe would pin a virtual one. Ends when no process holds the pipe's other end.
 *
 * <p>A container that takes input waits for somebody: what it says before the first one is attached is kept for that one, so
 * that {@code kubectl run -i} loses nothing of a program that is quicker than the connection.
 */
final class LogPump {

    private static final Logger LOG = LoggerFactory.getLogger(LogPump.class);
    private static final int BUFFER = 8 * 1024;
    private static final int KEPT = 64 * 1024;
    private static final long STACK = 128 * 1024;

    private final String name;
    private final LogWriter.LineStream log;
    private final List<OutputStream> attached = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final Object lock = new Object();
    private @Nullable ByteArrayOutputStream kept; // guarded by lock
    private boolean ended; // guarded by lock
    private volatile boolean detached;

    /** Opens the source on the pump's own thread, since opening a named pipe waits for its writer. */
    interface Source {
        InputStream open() throws IOException;
    }

    /** @param keep whether the first 64 KiB wait for the first attachment; a container that has said more waits for nobody */
    LogPump(String name, Source source, LogWriter.LineStream log, boolean keep) {
        this.name = name;
        this.log = log;
        this.kept = keep ? new ByteArrayOutputStream() : null;
        this.thread = new Thread(null, () -> run(source), "log " + name, STACK);
        thread.setDaemon(true);
    }

    static Source pipe(Path fifo) {
        return () -> new FileInputStream(fifo.toFile());
    }

    void start() {
        thread.start();
    }

    /**
     * Copies what was kept, and what comes from now on, to the stream too; closes it at the end. A stream that fails is let go of.
     *
     * @param stream takes 64 KiB without waiting for its reader
     */
    void attach(OutputStream stream) {
        synchronized (lock) {
            var waiting = kept;
            kept = null;
            if (waiting != null) {
                copy(stream, waiting.toByteArray(), waiting.size());
            }
            if (ended) {
                closeQuietly(stream);
            } else {
                attached.add(stream);
            }
        }
    }

    /** Keeps output for the first attachment; false when there was one, or was nothing to keep. */
    private boolean keep(byte[] bytes, int length) {
        synchronized (lock) {
            var waiting = kept;
            if (waiting == null) {
                return false;
            }
            if (waiting.size() + length > KEPT) {
                kept = null;
            } else {
                waiting.write(bytes, 0, length);
            }
            return true;
        }
    }

    private void run(Source source) {
        try (var in = source.open()) {
            opened.countDown();
            var buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (detached) {
                    log.write(buffer, 0, n - 1);
                    return;
                }
                log.write(buffer, 0, n);
                if (!keep(buffer, n)) {
                    send(buffer, n);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("output of {} is lost from here on: {}", name, e.getMessage());
        } finally {
            endLog();
            synchronized (lock) {
                ended = true;
            }
            attached.forEach(LogPump::closeQuietly);
        }
    }

    private void send(byte[] buffer, int length) {
        for (var stream : attached) {
            copy(stream, buffer, length);
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

    /** Waits until what is written is read, at most so long; true when it is. */
    boolean awaitOpen(java.time.Duration atMost) throws InterruptedException {
        return opened.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end of the output, at most so long; true when it has ended. */
    boolean join(java.time.Duration atMost) throws InterruptedException {
        return thread.join(atMost);
    }
}
