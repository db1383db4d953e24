package dev.sampan.serving.requestlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to files by a thread of its own, so that requests do not wait for the disk. What the disk cannot keep up with is
 * left out, with one warning.
 */
public final class FileAppender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileAppender.class);
    private static final int MAX_WAITING = 8192;
    private static final long STOP_MILLIS = 5000;

    private final BlockingQueue<Addition> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicBoolean complained = new AtomicBoolean();
    private final Thread writer;
    private volatile boolean closed;

    private record Addition(Path file, byte[] bytes) {}

    /** @param name of the thread */
    public FileAppender(String name) {
        this.writer = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Appends soon; false if that is not possible. */
    public boolean append(Path file, byte[] bytes) {
        if (!closed && waiting.offer(new Addition(file, bytes))) {
            return true;
        }
        complain("the disk does not keep up with " + file + "; some of it is left out");
        return false;
    }

    private void run() {
        var open = new HashMap<Path, FileChannel>();
        try {
            while (!closed || !waiting.isEmpty()) {
                var addition = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (addition != null) {
                    write(addition, open);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.values().forEach(FileAppender::closeQuietly);
        }
    }

    private void write(Addition addition, Map<Path, FileChannel> open) {
        try {
            var channel = open.get(addition.file);
            // A file that was moved away (log rotation) is begun anew.
            if (channel == null || !Files.exists(addition.file)) {
                if (channel != null) {
                    channel.close();
                }
                var folder = addition.file.toAbsolutePath().getParent();
                if (folder != null) {
                    Files.createDirectories(folder);
                }
                channel = FileChannel.open(addition.file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                open.put(addition.file, channel);
            }
            var bytes = ByteBuffer.wrap(addition.bytes);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            complain(addition.file + " cannot be written: " + e);
        }
    }

    private void complain(String what) {
        if (complained.compareAndSet(false, true)) {
            LOG.warn(what);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("a log file does not close: {}", e.toString());
        }
    }

    /** Writes what is waiting and stops. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
