package dev.sampan.node.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The host's process table as {@code /proc} shows it. Stateless. */
final class ProcTable {

    private static final long CLOCK_TICKS = 100; // USER_HZ of every Linux architecture that runs Java
    private static final long PAGE = 4096;

    private final Path proc;

    ProcTable(Path proc) {
        this.proc = proc;
    }

    /**
     * One process.
     *
     * @param startTicks when it started, since boot; with the PID it names a process for good
     * @param cpuNanos user and system time
     */
    record Entry(int pid, char state, int parent, int session, long startTicks, long cpuNanos, long residentBytes) {
        boolean alive() {
            return state != 'Z' && state != 'X';
        }
    }

    Optional<Entry> find(int pid) {
        try {
            return Optional.of(parse(Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether exactly that process still runs. */
    boolean alive(int pid, long startTicks) {
        return find(pid).filter(e -> e.alive() && e.startTicks() == startTicks).isPresent();
    }

    List<Entry> all() {
        var names = proc.toFile().list();
        var entries = new ArrayList<Entry>();
        for (var name : names == null ? new String[0] : names) {
            if (Character.isDigit(name.charAt(0))) {
                find(Integer.parseInt(name)).ifPresent(entries::add);
            }
        }
        return entries;
    }

    /** Whether the process was started with the variable; false when its environment may not be read. */
    boolean hasEnvironment(int pid, String variable) {
        try {
            var environment = "\0" + Files.readString(proc.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
            return environment.contains("\0" + variable + "\0");
        } catch (IOException e) {
            return false;
        }
    }

    /** Fields of {@code /proc/PID/stat}, see proc(5); the name in parentheses may hold anything. */
    static Entry parse(String stat) {
        int open = stat.indexOf(' ');
        int close = stat.lastIndexOf(')');
        var f = stat.substring(close + 2).trim().split(" ");
        long ticks = Long.parseLong(f[11]) + Long.parseLong(f[12]);
        return new Entry(
                Integer.parseInt(stat.substring(0, open)),
                f[0].charAt(0),
                Integer.parseInt(f[1]),
                Integer.parseInt(f[3]),
                Long.parseLong(f[19]),
                ticks * (1_000_000_000L / CLOCK_TICKS),
                Long.parseLong(f[21]) * PAGE);
    }
}
