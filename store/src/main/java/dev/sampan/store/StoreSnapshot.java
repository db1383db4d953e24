package dev.sampan.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A store in one file, for safe-keeping: the database, and behind it the SHA-256 of its bytes, which is how etcd's snapshots end. A store may
 * be saved while it is written to.
 */
public final class StoreSnapshot {

    private static final int DIGEST_BYTES = 32;
    private static final int BUFFER = 1 << 20;
    private static final String DATABASE = "state.db";

    private StoreSnapshot() {}

    /**
     * What a snapshot holds.
     *
     * @param hash first eight digits of the checksum
     * @param revision of the last write
     * @param totalKeys how many keys exist at that revision
     * @param totalSize bytes of the file
     */
    public record Status(String hash, long revision, long totalKeys, long totalSize) {}

    /**
     * Saves the store in {@code directory}, which may be in use, as of now. The file appears when it is whole and on disk; one that is there
     * is replaced.
     *
     * @throws StoreException if there is no store, or no space
     */
    public static Status save(Path directory, Path file) throws IOException {
        var database = directory.resolve(DATABASE);
        if (!Files.exists(database)) {
            throw new StoreException("There is no store in " + directory + ".");
        }
        var partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.deleteIfExists(partial);
        try {
            copy(database, partial);
            appendDigest(partial);
            move(partial, file);
        } finally {
            Files.deleteIfExists(partial);
        }
        return status(file);
    }

    private static void copy(Path database, Path copy) {
        var source = new SqliteFile(database, 0);
        try (var connection = source.connect();
                var vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, copy.toString());
            vacuum.execute();
        } catch (SQLException e) {
            throw source.explain("could not save to " + copy, e);
        }
    }

    private static void appendDigest(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            channel.write(ByteBuffer.wrap(digest(channel, size)), size);
            channel.force(true);
        }
    }

    private static byte[] digest(FileChannel channel, long bytes) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = ByteBuffer.allocate(BUFFER);
            for (long at = 0; at < bytes; ) {
                int count = channel.read(buffer.clear().limit((int) Math.min(BUFFER, bytes - at)), at);
                if (count < 0) {
                    throw new IOException("the file became shorter while it was read");
                }
                digest.update(buffer.flip());
                at += count;
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the folder that the file is in, so that it is there after a loss of power. */
    private static void move(Path partial, Path file) throws IOException {
        try {
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        }
        var folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** @throws StoreException if the file is no snapshot, or damaged */
    public static Status status(Path file) throws IOException {
        var hash = HexFormat.of().formatHex(verify(file), 0, 4);
        var source = new SqliteFile(file, 0);
        try (var connection = source.connectReadOnly()) {
            source.check(connection);
            return new Status(
                    hash,
                    number(connection, "SELECT max(compacted, coalesce((SELECT max(revision) FROM log), 0)) FROM meta"),
                    number(connection, """
                            SELECT count(*) FROM log
                            WHERE version > 0 AND revision NOT IN (SELECT previous FROM log WHERE previous > 0)"""),
                    Files.size(file));
        } catch (SQLException e) {
            throw source.explain("could not read the snapshot", e);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.getLong(1);
        }
    }

    /** The checksum, which is right. */
    private static byte[] verify(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = channel.size() - DIGEST_BYTES;
            var stored = ByteBuffer.allocate(DIGEST_BYTES);
            if (bytes > 0) {
                channel.read(stored, bytes);
            }
            if (bytes <= 0 || !Arrays.equals(stored.array(), digest(channel, bytes))) {
                throw new StoreException(file + " is no snapshot, or is damaged: its checksum is wrong.");
            }
            return stored.array();
        }
    }

    /**
     * Makes a store of a snapshot.
     *
     * @param directory must have no store yet
     * @param bump added to the revision, so that it lies ahead of whatever was written after the snapshot; all history is then compacted,
     *     and clients that watch read again. 0 leaves revision and history as they are
     * @throws StoreException if the snapshot is damaged, or the directory holds a store
     */
    public static void restore(Path file, Path directory, long bump) throws IOException {
        verify(file);
        var database = directory.resolve(DATABASE);
        if (Files.exists(database)) {
            throw new StoreException(
                    "There is a store in " + directory + " already: move it away, or choose another" + " directory.");
        }
        SqliteStore.makePrivate(directory);
        try (var _ = DirectoryLock.take(directory)) {
            var partial = directory.resolve(DATABASE + ".partial");
            Files.copy(file, partial, StandardCopyOption.REPLACE_EXISTING);
            try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - DIGEST_BYTES);
            }
            settle(new SqliteFile(partial, 0), bump);
            try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            move(partial, database);
        }
    }

    private static void settle(SqliteFile file, long bump) {
        try (var connection = file.connect();
                var statement = connection.createStatement()) {
            file.check(connection);
            if (bump > 0) {
                statement.execute("BEGIN IMMEDIATE");
                statement.executeUpdate("UPDATE meta SET compacted = " + bump
                        + " + max(compacted, coalesce((SELECT max(revision) FROM log), 0))");
                statement.executeUpdate("UPDATE meta SET swept = compacted");
                statement.executeUpdate(
                        "DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE previous > 0)");
                statement.executeUpdate("DELETE FROM log WHERE version = 0");
                statement.execute("COMMIT");
            }
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw file.explain("could not restore", e);
        }
    }
}
