package dev.sampan.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** The database file: its settings, its tables, and what its errors mean. */
final class SqliteFile {

    /** "Smpn": marks the file as ours. */
    private static final int APPLICATION_ID = 0x536d706e;

    private static final int SCHEMA_VERSION = 1;
    private static final int PAGE_SIZE = 4096;
    private static final long ALMOST_NO_SPACE = 256 << 10;

    /**
     * A row is an event. {@code previous} names the row that it supersedes, 0 for none; {@code version} 0 is a deletion, without a
     * value. So history needs no second index, and rows are only ever added at the end.
     */
    private static final String[] TABLES = {
        """
        CREATE TABLE log (revision INTEGER PRIMARY KEY, previous INTEGER NOT NULL, created INTEGER NOT NULL,
                          version INTEGER NOT NULL, key TEXT NOT NULL, value BLOB)""",
        "CREATE TABLE meta (compacted INTEGER NOT NULL, swept INTEGER NOT NULL)",
        "INSERT INTO meta VALUES (" + SequencedStore.FIRST_REVISION + ", " + SequencedStore.FIRST_REVISION + ")",
        "PRAGMA application_id = " + APPLICATION_ID,
        "PRAGMA user_version = " + SCHEMA_VERSION,
    };

    private final Path path;
    private final long maxBytes;

    SqliteFile(Path path, long maxBytes) {
        this.path = path;
        this.maxBytes = maxBytes;
    }

    Connection connect() throws SQLException {
        var config = new SQLiteConfig();
        config.setPageSize(PAGE_SIZE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(5_000);
        config.setJournalSizeLimit(64 << 20);
        if (maxBytes > 0) {
            config.setMaxPageCount((int) Math.min(Integer.MAX_VALUE, maxBytes / PAGE_SIZE));
        }
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + path);
        return source.getConnection();
    }

    /** What the file and the log beside it take. */
    long bytes() {
        return size(path) + size(path.resolveSibling(path.getFileName() + "-wal"));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException _) {
            return 0; // there is none
        }
    }

    /** A connection to a file that nobody writes to, and that has no log beside it. */
    Connection connectReadOnly() throws SQLException {
        var config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setOpenMode(SQLiteOpenMode.OPEN_URI);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + path.toAbsolutePath().toUri() + "?immutable=1");
        return source.getConnection();
    }

    /** Makes the tables of a new file, or checks that a file is one that this version understands. */
    void prepare(Connection connection) throws SQLException {
        if (number(connection, "PRAGMA user_version") == 0
                && number(connection, "PRAGMA application_id") == 0
                && number(connection, "SELECT count(*) FROM sqlite_master") == 0) {
            create(connection);
        } else {
            check(connection);
        }
    }

    /** @throws StoreException if this version does not understand the file */
    void check(Connection connection) throws SQLException {
        int version = number(connection, "PRAGMA user_version");
        int application = number(connection, "PRAGMA application_id");
        if (application != APPLICATION_ID) {
            throw new StoreException(path + " is not a Sampan store");
        }
        if (version != SCHEMA_VERSION) {
            throw new StoreException(path + " has the format " + version + ", but this version of Sampan knows only "
                    + SCHEMA_VERSION + ": use the version that wrote it");
        }
    }

    private static void create(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (var table : TABLES) {
                statement.execute(table);
            }
            statement.execute("COMMIT");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)"); // so that losing the log cannot pass for a new store
        }
    }

    private static int number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.getInt(1);
        }
    }

    /** What an error means to the users of the store. */
    StoreException explain(String attempt, SQLException e) {
        var code = e instanceof SQLiteException lite ? lite.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
        return switch (code) {
            case SQLITE_FULL -> full(attempt, e);
            case SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX, SQLITE_CORRUPT_VTAB, SQLITE_NOTADB ->
                damaged(attempt + ": " + e.getMessage(), e);
            default -> spaceIsOut() ? full(attempt, e) : new StoreException(attempt + ": " + e.getMessage(), e);
        };
    }

    StoreException damaged(String finding, Exception cause) {
        return new StoreException(path + " is damaged, restore it from a copy (" + finding + ")", cause);
    }

    private StoreFullException full(String attempt, SQLException e) {
        return new StoreFullException(attempt + ": no space left for " + path, e);
    }

    private boolean spaceIsOut() {
        try {
            return Files.getFileStore(path).getUsableSpace() < ALMOST_NO_SPACE;
        } catch (IOException _) {
            return false; // then the database's own words have to do
        }
    }
}
