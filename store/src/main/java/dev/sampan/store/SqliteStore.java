package dev.sampan.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;

/**
 * A store in a directory of the local disk, for one process. An acknowledged write survives the death of the process and loss of
 * power: SQLite's write-ahead log is synced before any write of a group is answered.
 */
public final class SqliteStore extends SequencedStore {

    private SqliteStore(SqliteJournal journal, Options options) {
        super(journal, journal.recover(), options.retention(), options.clock());
    }

    /**
     * How to open a store.
     *
     * @param retention how much history to keep
     * @param maxBytes the file does not grow beyond this: writes then fail with {@link StoreFullException}; 0 for no bound
     * @param clock what the age of history is told by
     */
    public record Options(Retention retention, long maxBytes, InstantSource clock) {

        /** Usual retention, as large as the disk allows. */
        public static Options defaults() {
            return new Options(Retention.DEFAULT, 0, InstantSource.system());
        }
    }

    /**
     * Opens the store in {@code directory}, which is made if needed, readable to its owner only.
     *
     * @throws StoreException if another process or store has it open, if it is damaged or from another version
     */
    public static SqliteStore open(Path directory, Options options) {
        DirectoryLock lock;
        try {
            makePrivate(directory);
            lock = DirectoryLock.take(directory);
        } catch (IOException e) {
            throw new StoreException("could not open the store in " + directory + ": " + e, e);
        }
        var journal = SqliteJournal.open(new SqliteFile(directory.resolve("state.db"), options.maxBytes()), lock);
        try {
            return new SqliteStore(journal, options);
        } catch (RuntimeException | Error e) {
            journal.close();
            throw e;
        }
    }

    static void makePrivate(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Files.createDirectories(directory);
        if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
