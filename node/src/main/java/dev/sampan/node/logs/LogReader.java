package dev.sampan.node.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** Reads one container's log back: older files first, then the current one, which may be followed across rotations. */
public final class LogReader {

    private static final Duration POLL = Duration.ofMillis(50);
    private static final int CHUNK = 64 * 1024;
    private static final int NOT_FOUND = -1;

    private final Path log;
    private final LogOptions options;
    private final OutputStream out;
    private long left;

    private LogReader(Path log, LogOptions options, OutputStream out) {
        this.log = log;
        this.options = options;
        this.out = out;
        this.left = options.limitBytes() < 0 ? Long.MAX_VALUE : options.limitBytes();
    }

    /**
     * Copies the wanted part of a log. When following, returns once {@code growing} has become false and everything
     * was copied, or throws when nobody reads {@code out} any more.
     *
     * @throws NoSuchFileException when there is no log
     */
    public static void copy(Path log, LogOptions options, OutputStream out, BooleanSupplier growing)
            throws IOException, InterruptedException {
        new LogReader(log, options, out).copy(growing);
    }

    /** The last lines of a log as text, at most so many bytes; empty when there is no log. */
    public static String tail(Path log, int lines, int maxBytes) {
        var bytes = new java.io.ByteArrayOutputStream();
        try {
            copy(log, LogOptions.tail(lines), bytes, () -> false);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return "cannot read " + log + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var all = bytes.toByteArray();
        return new String(
                all, Math.max(0, all.length - maxBytes), Math.min(all.length, maxBytes), StandardCharsets.UTF_8);
    }

    private void copy(BooleanSupplier growing) throws IOException, InterruptedException {
        var start = start();
        for (var older : start.older()) {
            try (var file = new RandomAccessFile(older.file().toFile(), "r")) {
                file.seek(older.offset());
                drain(file);
            } catch (java.io.FileNotFoundException e) {
                continue; // deleted by rotation meanwhile
            }
        }
        followCurrent(start.offset(), growing);
    }

    private void followCurrent(long offset, BooleanSupplier growing) throws IOException, InterruptedException {
        var current = open();
        try {
            current.file().seek(offset);
            while (left > 0) {
                boolean more = options.follow() && growing.getAsBoolean();
                boolean rotated = options.follow() && !current.key().equals(key());
                boolean read = drain(current.file());
                if (rotated) {
                    current.file().close();
                    current = open();
                } else if (!more) {
                    return;
                } else if (!read) {
                    out.flush();
                    Thread.sleep(POLL);
                }
            }
        } finally {
            current.file().close();
            out.flush();
        }
    }

    private record Current(RandomAccessFile file, Object key) {}

    private Current open() throws IOException {
        while (true) {
            var key = key();
            try {
                var file = new RandomAccessFile(log.toFile(), "r");
                if (key.equals(key())) {
                    return new Current(file, key);
                }
                file.close(); // rotated in between
            } catch (java.io.FileNotFoundException e) {
                throw new NoSuchFileException(log.toString());
            }
        }
    }

    /** What tells a file from the one that replaced it at rotation. */
    private Object key() throws IOException {
        var key = Files.readAttributes(log, BasicFileAttributes.class).fileKey();
        return key == null ? log : key;
    }

    /** Copies all complete lines from the file's position on; leaves the position after the last of them. */
    private boolean drain(RandomAccessFile file) throws IOException {
        boolean any = false;
        var held = new byte[0];
        var chunk = new byte[CHUNK];
        long done = file.getFilePointer();
        for (int n = file.read(chunk); n >= 0 && left > 0; n = file.read(chunk)) {
            var bytes = Arrays.copyOf(held, held.length + n);
            System.arraycopy(chunk, 0, bytes, held.length, n);
            int at = 0;
            for (int i = held.length; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    emit(bytes, at, i);
                    any = true;
                    at = i + 1;
                }
            }
            done += at;
            held = Arrays.copyOfRange(bytes, at, bytes.length);
        }
        file.seek(done);
        return any;
    }

    private void emit(byte[] line, int from, int to) throws IOException {
        int afterTime = indexOf(line, from, to);
        int afterStream = indexOf(line, afterTime + 1, to);
        int afterTag = indexOf(line, afterStream + 1, to);
        if (afterTag == NOT_FOUND || left <= 0) {
            return;
        }
        if (!wanted(new String(line, afterTime + 1, afterStream - afterTime - 1, StandardCharsets.US_ASCII))
                || !recent(line, from, afterTime)) {
            return;
        }
        if (options.timestamps()) {
            write(line, from, afterTime + 1);
        }
        write(line, afterTag + 1, to);
        if (line[afterStream + 1] == 'F') {
            write(new byte[] {'\n'}, 0, 1);
        }
    }

    private static int indexOf(byte[] line, int from, int to) {
        for (int i = from; i >= 0 && i < to; i++) {
            if (line[i] == ' ') {
                return i;
            }
        }
        return NOT_FOUND;
    }

    private boolean wanted(String stream) {
        return switch (options.stream()) {
            case ALL -> true;
            case STDOUT -> stream.equals("stdout");
            case STDERR -> stream.equals("stderr");
        };
    }

    private boolean recent(byte[] line, int from, int to) {
        var since = options.since();
        if (since == null) {
            return true;
        }
        try {
            return !Instant.parse(new String(line, from, to - from, StandardCharsets.US_ASCII))
                    .isBefore(since);
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    private void write(byte[] bytes, int from, int to) throws IOException {
        int n = (int) Math.min(left, to - from);
        out.write(bytes, from, n);
        left -= n;
    }

    private record Part(Path file, long offset) {}

    private record Start(java.util.List<Part> older, long offset) {}

    /** Where to begin so that only the wanted last lines are read. */
    private Start start() throws IOException {
        var older = LogFiles.rotated(log);
        if (options.tailLines() < 0) {
            return new Start(older.stream().map(f -> new Part(f, 0)).toList(), 0);
        }
        long missing = options.tailLines();
        if (!Files.exists(log)) {
            throw new NoSuchFileException(log.toString());
        }
        var found = tailOffset(log, missing);
        var parts = new ArrayList<Part>();
        for (int i = older.size() - 1; i >= 0 && found.missing() > 0; i--) {
            var inOlder = tailOffset(older.get(i), found.missing());
            parts.addFirst(new Part(older.get(i), inOlder.offset()));
            found = new Tail(found.offset(), inOlder.missing());
        }
        return new Start(parts, found.offset());
    }

    private record Tail(long offset, long missing) {}

    private static Tail tailOffset(Path path, long lines) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            long end = file.length();
            if (lines == 0) {
                return new Tail(end, 0);
            }
            long seen = 0;
            var chunk = new byte[CHUNK];
            for (long to = end; to > 0; ) {
                int n = (int) Math.min(CHUNK, to);
                file.seek(to - n);
                file.readFully(chunk, 0, n);
                for (int i = n - 1; i >= 0; i--) {
                    boolean lastByte = to - n + i == end - 1;
                    if (chunk[i] == '\n' && !lastByte && ++seen == lines) {
                        return new Tail(to - n + i + 1, 0);
                    }
                }
                to -= n;
            }
            return new Tail(0, end == 0 ? lines : lines - seen - 1);
        }
    }
}
