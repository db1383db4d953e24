package dev.sampan.node.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes one container's output to its log file and rotates it. Each line becomes visible as soon as it is complete;
 * lines over 16 KiB are split into partial ones. Owns the file; its streams may be used by one thread each.
 */
public final class LogWriter implements AutoCloseable {

    private static final int LONGEST_LINE = 16 * 1024;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ROTATED =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSS").withZone(ZoneOffset.UTC);

    private final Path file;
    private final Rotation rotation;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private OutputStream out;
    private long size;

    /**
     * When a log is rotated.
     *
     * @param maxBytes size at which a new file is begun
     * @param maxFiles files kept, the current one included
     */
    public record Rotation(long maxBytes, int maxFiles) {
        /** The kubelet's defaults: 10 MiB, 5 files. */
        public static final Rotation KUBELET = new Rotation(10L << 20, 5);
    }

    public LogWriter(Path file, Rotation rotation, InstantSource clock) throws IOException {
        this.file = file;
        this.rotation = rotation;
        this.clock = clock;
        Files.createDirectories(file.getParent());
        this.out = open();
        this.size = Files.size(file);
    }

    private OutputStream open() throws IOException {
        return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** A stream of the container; bytes written to it become log lines tagged with the stream's name. */
    public LineStream stream(String name) {
        return new LineStream(name);
    }

    private void line(String stream, boolean full, byte[] text, int from, int length) {
        var head = (TIME.format(clock.instant()) + " " + stream + (full ? " F " : " P "))
                .getBytes(StandardCharsets.US_ASCII);
        var line = new byte[head.length + length + 1];
        System.arraycopy(head, 0, line, 0, head.length);
        System.arraycopy(text, from, line, head.length, length);
        line[line.length - 1] = '\n';
        lock.lock();
        try {
            if (size > 0 && size + line.length > rotation.maxBytes()) {
                rotate();
            }
            out.write(line);
            size += line.length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private void rotate() throws IOException {
        out.close();
        Files.move(file, file.resolveSibling(file.getFileName() + "." + ROTATED.format(clock.instant())));
        out = open();
        size = 0;
        var rotated = LogFiles.rotated(file);
        for (int i = 0; i < rotated.size() - (rotation.maxFiles() - 1); i++) {
            Files.deleteIfExists(rotated.get(i));
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Cuts bytes into log lines. */
    public final class LineStream {
        private final String name;
        private final byte[] pending = new byte[LONGEST_LINE];
        private int held;

        private LineStream(String name) {
            this.name = name;
        }

        public void write(byte[] bytes, int from, int length) {
            int at = from;
            int end = from + length;
            for (int i = from; i < end; i++) {
                if (bytes[i] == '\n') {
                    emit(bytes, at, i - at);
                    at = i + 1;
                }
            }
            hold(bytes, at, end - at);
        }

        private void emit(byte[] bytes, int from, int length) {
            if (held == 0 && length <= LONGEST_LINE) {
                line(name, true, bytes, from, length);
                return;
            }
            hold(bytes, from, length);
            line(name, true, pending, 0, held);
            held = 0;
        }

        private void hold(byte[] bytes, int from, int length) {
            int at = from;
            int left = length;
            while (left > 0) {
                if (held == pending.length) {
                    line(name, false, pending, 0, held);
                    held = 0;
                }
                int n = Math.min(left, pending.length - held);
                System.arraycopy(bytes, at, pending, held, n);
                held += n;
                at += n;
                left -= n;
            }
        }

        /** Writes what was left without a line end. */
        public void end() {
            if (held > 0) {
                line(name, false, pending, 0, held);
                held = 0;
            }
        }
    }
}
