package dev.sampan.apiserver.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A file that lines are added to; renamed to {@code NAME-TIME.EXTENSION} when it is full. Safe for many threads: one lock. */
final class RotatingFile implements AutoCloseable {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);
    private static final int DEFAULT_MEGABYTES = 100;

    private final Path file;
    private final long maxBytes;
    private final int maxBackups;
    private final int maxDays;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable OutputStream out;
    private long size;

    RotatingFile(AuditOptions options, InstantSource clock) {
        this(options, (options.maxMegabytes() > 0 ? options.maxMegabytes() : DEFAULT_MEGABYTES) * 1024L * 1024, clock);
    }

    RotatingFile(AuditOptions options, long maxBytes, InstantSource clock) {
        this.file = options.logFile();
        this.maxBytes = maxBytes;
        this.maxBackups = options.maxBackups();
        this.maxDays = options.maxDays();
        this.clock = clock;
    }

    void write(byte[] line) {
        lock.lock();
        try {
            if (out == null) {
                open();
            }
            if (size > 0 && size + line.length > maxBytes) {
                rotate();
            }
            java.util.Objects.requireNonNull(out).write(line);
            size += line.length;
        } catch (IOException e) {
            throw new UncheckedIOException("The audit log " + file + " cannot be written: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private void open() throws IOException {
        var directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size = Files.size(file);
    }

    private void rotate() throws IOException {
        java.util.Objects.requireNonNull(out).close();
        var name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        var base = dot < 0 ? name : name.substring(0, dot);
        var extension = dot < 0 ? "" : name.substring(dot);
        var instant = clock.instant();
        var backup = file.resolveSibling(base + "-" + TIME.format(instant) + extension);
        while (Files.exists(backup)) {
            instant = instant.plusMillis(1);
            backup = file.resolveSibling(base + "-" + TIME.format(instant) + extension);
        }
        Files.move(file, backup);
        open();
        prune(base + "-", extension);
    }

    private void prune(String prefix, String extension) throws IOException {
        List<Path> backups;
        try (var siblings = Files.list(file.toAbsolutePath().getParent())) {
            backups = siblings.filter(p -> isBackup(p.getFileName().toString(), prefix, extension))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (int i = 0; i < backups.size(); i++) {
            boolean tooMany = maxBackups > 0 && i >= maxBackups;
            if (tooMany || isOld(backups.get(i))) {
                Files.deleteIfExists(backups.get(i));
            }
        }
    }

    private static boolean isBackup(String name, String prefix, String extension) {
        return name.startsWith(prefix)
                && name.endsWith(extension)
                && name.length() == prefix.length() + "yyyy-MM-ddTHH-mm-ss.SSS".length() + extension.length();
    }

    private boolean isOld(Path backup) throws IOException {
        Instant written = Files.getLastModifiedTime(backup).toInstant();
        return maxDays > 0 && written.plus(Duration.ofDays(maxDays)).isBefore(clock.instant());
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (out != null) {
                out.close();
                out = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
