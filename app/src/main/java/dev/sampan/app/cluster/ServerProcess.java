package dev.sampan.app.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Starts and stops the background process that carries a cluster. */
public final class ServerProcess {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

    /** A line of the log that is no error. */
    private static final Pattern RECORD = Pattern.compile("^\\d{4}-\\d\\d-\\d\\dT\\S+ \\[[^]]*] (?!ERROR)[A-Z]+ ");

    private final Home home;
    private final JavaLauncher launcher;

    public ServerProcess(Home home, JavaLauncher launcher) {
        this.home = home;
        this.launcher = launcher;
    }

    /** The server cannot run; the message says why and what to do. */
    public static final class StartFailed extends Exception {
        private static final long serialVersionUID = 1L;

        StartFailed(String message) {
            super(message);
        }
    }

    /**
     * Starts a server in the background and waits until it is ready.
     *
     * @param arguments options of the {@code server} command
     * @param waiting told what the server waits for, if it has to wait for something
     * @throws StartFailed when the process ends or is not ready within three minutes
     */
    public RunningServer start(List<String> arguments, Consumer<String> waiting)
            throws IOException, InterruptedException, StartFailed {
        home.create();
        Files.createDirectories(home.logs());
        Files.deleteIfExists(home.running());
        Files.deleteIfExists(home.waiting());
        var log = home.serverLog();
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        var command = new ArrayList<String>();
        detach().ifPresent(command::add);
        command.addAll(launcher.server());
        command.add("server");
        command.add("--home");
        command.add(home.root().toString());
        command.addAll(arguments);
        var process = new ProcessBuilder(command)
                .directory(home.root().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return awaitReady(process, logStart, waiting);
    }

    private RunningServer awaitReady(Process process, long logStart, Consumer<String> waiting)
            throws IOException, InterruptedException, StartFailed {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        boolean told = false;
        while (System.nanoTime() < deadline) {
            if (!told && Files.exists(home.waiting())) {
                var note = note();
                told = !note.isEmpty();
                if (told) {
                    waiting.accept(note);
                }
            }
            var ready = RunningServer.find(home);
            if (ready.isPresent()) {
                return ready.get();
            }
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new StartFailed(tail(logStart));
            }
        }
        process.destroy();
        throw new StartFailed("The server was not ready within " + START_LIMIT.toSeconds() + " s. Its log is "
                + home.serverLog() + ":\n" + tail(logStart));
    }

    private String note() throws IOException {
        try {
            return Files.readString(home.waiting());
        } catch (NoSuchFileException e) {
            return ""; // it waits no more
        }
    }

    /** Stops the server of this home, letting it end its pods; false when none ran. */
    public boolean stop() throws IOException, InterruptedException {
        var running = RunningServer.find(home);
        var process = running.flatMap(RunningServer::process);
        if (process.isEmpty()) {
            return false;
        }
        process.get().destroy();
        awaitEnd(process.get());
        return true;
    }

    /** Ends the server at once, as a crash would. */
    public void kill() throws IOException, InterruptedException {
        var process = RunningServer.find(home).flatMap(RunningServer::process);
        if (process.isPresent()) {
            process.get().destroyForcibly();
            awaitEnd(process.get());
        }
    }

    private static void awaitEnd(ProcessHandle process) throws IOException, InterruptedException {
        try {
            process.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
        } catch (ExecutionException e) {
            throw new IOException("cannot wait for process " + process.pid(), e);
        }
    }

    /** What the server said since {@code from}, of the last 4 KB; records of its log only if they are errors or all there is. */
    private String tail(long from) throws IOException {
        try (var file = Files.newByteChannel(home.serverLog())) {
            long start = Math.max(from, file.size() - 4096);
            file.position(start);
            var bytes = java.nio.ByteBuffer.allocate((int) (file.size() - start));
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
            var text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            if (start > from) {
                text = text.substring(text.indexOf('\n') + 1); // the rest of a line
            }
            var said = text.lines().filter(line -> !RECORD.matcher(line).find()).collect(Collectors.joining("\n"));
            return said.isBlank() ? text.strip() : said.strip();
        }
    }

    /** A session of its own keeps the server alive when the terminal closes or Ctrl-C is typed. */
    private static Optional<String> detach() {
        return List.of("/usr/bin/setsid", "/bin/setsid").stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst();
    }
}
