package dev.sampan.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A model server in a process of its own, and what that process costs. */
final class ServerProcess implements AutoCloseable {
    private static final double NANOS_PER_TICK = 1e9 / 100;

    private final Process process;
    private final Duration ready;

    private ServerProcess(Process process, Duration ready) {
        this.process = process;
        this.ready = ready;
    }

    /** Starts a model server with these flags and waits until it is ready. */
    static ServerProcess start(List<String> flags) throws IOException {
        return start(ServingServer.class, flags);
    }

    /** Starts a program of this module and waits until it says that it is ready. */
    static ServerProcess start(Class<?> program, List<String> flags) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                // As pods start it.
                "-Xms48m",
                "-Xmn32m",
                "-Xmx512m",
                "-XX:TrimNativeHeapInterval=10000",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(flags);
        long start = System.nanoTime();
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var seen = new StringBuilder();
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            seen.append(line).append('\n');
            if (line.contains("ready in")) {
                var unused = Thread.ofVirtual().start(() -> out.lines().forEach(rest -> {}));
                return new ServerProcess(process, Duration.ofNanos(System.nanoTime() - start));
            }
        }
        throw new IOException("the server did not start:\n" + seen);
    }

    /** From the start of the process until it was ready. */
    Duration ready() {
        return ready;
    }

    /** Processor time so far. */
    Duration cpu() throws IOException {
        var stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return Duration.ofNanos((long) (ticks * NANOS_PER_TICK));
    }

    /** Resident memory in bytes. */
    long residentBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("no VmRSS of " + process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
