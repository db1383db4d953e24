package dev.sampan.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events in one SQLite file. The sequencer thread owns the writing connection; readers of history share another one under a
 * lock. After an error the writing connection is given up and opened again by the next append, which first removes whatever the
 * failed one may have left.
 */
final class SqliteJournal implements Journal {

    private static final Logger log = LoggerFactory.getLogger(SqliteJournal.class);
    private static final int SWEEP_SLICE = 1_000;

    private final SqliteFile file;
    private final DirectoryLock lock;
    private final ReentrantLock reading = new ReentrantLock();
    private @Nullable Writer writer;
    private @Nullable Connection reader;
    private boolean mayHoldLeftovers;

    private SqliteJournal(SqliteFile file, DirectoryLock lock) {
        this.file = file;
        this.lock = lock;
    }

    /** Takes over the lock: closes it with the journal, or at once if the file cannot be opened. */
    static SqliteJournal open(SqliteFile file, DirectoryLock lock) {
        var journal = new SqliteJournal(file, lock);
        try {
            file.prepare(journal.writer().connection);
            return journal;
        } catch (SQLException e) {
            journal.close();
            throw file.explain("could not open the store", e);
        } catch (StoreException e) {
            journal.close();
            throw e;
        }
    }

    /** The writing connection with its statements. */
    private static final class Writer implements AutoCloseable {

        final Connection connection;
        final PreparedStatement begin;
        final PreparedStatement commit;
        final PreparedStatement rollback;
        private @Nullable PreparedStatement insert;

        Writer(Connection connection) throws SQLException {
            this.connection = connection;
            this.begin = connection.prepareStatement("BEGIN IMMEDIATE");
            this.commit = connection.prepareStatement("COMMIT");
            this.rollback = connection.prepareStatement("ROLLBACK");
        }

        void insert(Event event) throws SQLException {
            if (insert == null) {
                insert = connection.prepareStatement("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)");
            }
            var entry = event.entry();
            insert.setLong(1, entry.modRevision());
            insert.setLong(2, event.previous() == null ? 0 : event.previous().modRevision());
            insert.setLong(3, entry.createRevision());
            insert.setLong(4, entry.version());
            insert.setString(5, entry.key());
            insert.setBytes(6, entry.deleted() ? null : entry.value());
            insert.executeUpdate();
        }

        void update(String sql, long... parameters) throws SQLException {
            try (var statement = connection.prepareStatement(sql)) {
                bind(statement, parameters);
                statement.executeUpdate();
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    private interface Work {
        void run(Writer writer) throws SQLException;
    }

    private Writer writer() throws SQLException {
        if (writer == null) {
            writer = new Writer(file.connect());
        }
        return writer;
    }

    @Override
    public void append(List<Event> events) {
        transaction("could not write", writer -> {
            if (mayHoldLeftovers) {
                writer.update(
                        "DELETE FROM log WHERE revision >= ?", events.getFirst().revision());
            }
            for (var event : events) {
                writer.insert(event);
            }
        });
        mayHoldLeftovers = false;
    }

    @Override
    public void compact(long revision) {
        transaction("could not compact", writer -> writer.update("UPDATE meta SET compacted = ?", revision));
    }

    @Override
    public boolean sweep() {
        long[] progress = query("SELECT swept, compacted FROM meta");
        long from = progress[0];
        long upTo = Math.min(progress[1], from + SWEEP_SLICE);
        if (from == upTo) {
            return false;
        }
        transaction("could not free history", writer -> {
            writer.update("""
                    DELETE FROM log WHERE revision IN
                      (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous > 0)""", from, upTo);
            writer.update("DELETE FROM log WHERE revision > ? AND revision <= ? AND version = 0", from, upTo);
            writer.update("UPDATE meta SET swept = ?", upTo);
        });
        return upTo < progress[1];
    }

    /** A copy without gaps goes into the log in one transaction, and from there over the file: a kill at any time leaves one or the other. */
    @Override
    public Store.Shrunk shrink() {
        long before = file.bytes();
        while (sweep()) {
            log.trace("freeing");
        }
        closeWriter(); // VACUUM wants a connection without statements
        try (var connection = file.connect();
                var statement = connection.createStatement()) {
            statement.execute("VACUUM");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw file.explain("could not make the store smaller", e);
        }
        return new Store.Shrunk(before, file.bytes());
    }

    private void transaction(String attempt, Work work) {
        try {
            var current = writer();
            current.begin.execute();
            work.run(current);
            current.commit.execute();
        } catch (SQLException e) {
            mayHoldLeftovers = true;
            giveUpWriter();
            throw file.explain(attempt, e);
        }
    }

    private void giveUpWriter() {
        if (writer == null) {
            return;
        }
        try (var failed = writer) {
            failed.rollback.execute();
        } catch (SQLException e) {
            log.debug("Rolling back after a failure", e);
        }
        writer = null;
    }

    private long[] query(String sql) {
        try (var statement = writer().connection.prepareStatement(sql);
                var row = statement.executeQuery()) {
            return new long[] {row.getLong(1), row.getLong(2)};
        } catch (SQLException e) {
            giveUpWriter();
            throw file.explain("could not read", e);
        }
    }

    Recovered recover() {
        long compacted = query("SELECT compacted, swept FROM meta")[0];
        var live = new HashMap<String, Entry>();
        long last = compacted;
        try (var statement = writer().connection
                        .prepareStatement(
                                "SELECT revision, previous, created, version, key, value FROM log ORDER BY revision");
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                var entry = entry(rows, 1);
                if (entry.modRevision() > compacted && entry.modRevision() != ++last) {
                    throw new SQLException("revision " + last + " is missing");
                }
                if (entry.deleted()) {
                    live.remove(entry.key());
                } else {
                    live.put(entry.key(), entry);
                }
            }
        } catch (SQLException e) {
            throw file.damaged(String.valueOf(e.getMessage()), e);
        }
        var sorted = new ArrayList<>(live.values());
        sorted.sort(Comparator.comparing(Entry::key));
        return new Recovered(SortedEntries.ofSorted(sorted), last, compacted);
    }

    @Override
    public List<Event> history(long after, long upTo) {
        reading.lock();
        try {
            if (reader == null) {
                reader = file.connect();
            }
            reader.setAutoCommit(false);
            try {
                return history(reader, after, upTo);
            } finally {
                reader.rollback();
            }
        } catch (SQLException e) {
            closeReader();
            throw file.explain("could not read history", e);
        } finally {
            reading.unlock();
        }
    }

    private static List<Event> history(Connection reader, long after, long upTo) throws SQLException {
        try (var statement = reader.prepareStatement("SELECT compacted FROM meta");
                var row = statement.executeQuery()) {
            if (after < row.getLong(1)) {
                throw new CompactedException(after, row.getLong(1));
            }
        }
        var events = new ArrayList<Event>();
        try (var statement = reader.prepareStatement("""
                SELECT e.revision, e.previous, e.created, e.version, e.key, e.value,
                       p.revision, p.previous, p.created, p.version, p.key, p.value
                FROM log e LEFT JOIN log p ON p.revision = e.previous
                WHERE e.revision > ? AND e.revision <= ? ORDER BY e.revision""")) {
            bind(statement, after, upTo);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    events.add(event(rows));
                }
            }
        }
        if (events.size() != upTo - after) {
            throw new SQLException("history from " + after + " to " + upTo + " has " + events.size() + " events");
        }
        return events;
    }

    private static Event event(ResultSet row) throws SQLException {
        var entry = entry(row, 1);
        var previous = row.getLong(2) == 0 ? null : entry(row, 7);
        if (!entry.deleted()) {
            return new Event(Event.Type.PUT, entry, previous);
        }
        if (previous == null) {
            throw new SQLException("the deletion " + entry.modRevision() + " deletes nothing");
        }
        var tombstone = new Entry(entry.key(), previous.value(), entry.createRevision(), entry.modRevision(), 0);
        return new Event(Event.Type.DELETE, tombstone, previous);
    }

    private static Entry entry(ResultSet row, int column) throws SQLException {
        byte[] value = row.getBytes(column + 5);
        return new Entry(
                row.getString(column + 4),
                value == null ? new byte[0] : value,
                row.getLong(column + 2),
                row.getLong(column),
                row.getLong(column + 3));
    }

    private static void bind(PreparedStatement statement, long... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setLong(i + 1, parameters[i]);
        }
    }

    @Override
    public void close() {
        reading.lock();
        try {
            closeReader();
        } finally {
            reading.unlock();
        }
        try (lock) {
            closeWriter();
        }
    }

    private void closeWriter() {
        try (var open = writer) {
            writer = null;
        } catch (SQLException e) {
            log.warn("Closing the store's file", e);
        }
    }

    private void closeReader() {
        try (var open = reader) {
            reader = null;
        } catch (SQLException e) {
            log.debug("Closing the reading connection", e);
        }
    }
}
