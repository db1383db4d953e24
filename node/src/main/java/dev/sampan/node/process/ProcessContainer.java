package dev.sampan.node.process;

import dev.sampan.node.logs.LogWriter;
import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.Grace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container: created, started, watched to its end. Owns its files, pumps and state; the state changes only
 * forwards. Started by one thread, may be stopped and asked by any.
 */
final class ProcessContainer {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessContainer.class);
    private static final Duration ADOPTED_POLL = Duration.ofMillis(200);
    private static final Duration PIPES_OPEN = Duration.ofSeconds(30);
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);
    static final int START_FAILED = 128;
    private static final int KILLED = 137;

    private final ProcessHost host;
    private final ContainerRecord record;
    private final ContainerFiles files;
    private final List<LogPump> pumps = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Container.State state;
    private volatile ContainerRecord.@Nullable Started started;
    private volatile Cgroups.Group group;
    private volatile @Nullable OutputStream stdin;
    private volatile @Nullable Pty terminal;
    private @Nullable LogWriter log;

    @SuppressWarnings("UnusedVariable") // held, because the supervisor takes a closed pipe for the agent's death
    private @Nullable Process supervisor;

    ProcessContainer(ProcessHost host, ContainerRecord record, ContainerFiles files) {
        this.host = host;
        this.record = record;
        this.files = files;
        this.state = new Container.Created();
        this.group = host.cgroups().find(record.id());
    }

    ContainerRecord record() {
        return record;
    }

    ContainerFiles files() {
        return files;
    }

    Container view() {
        return new Container(
                record.id(),
                record.podUid(),
                record.name(),
                record.attempt(),
                record.image(),
                record.imageId(),
                record.created(),
                state);
    }

    /** The main process and its supervisor, once started. */
    Optional<ContainerRecord.Started> started() {
        return Optional.ofNullable(started);
    }

    Cgroups.Group group() {
        return group;
    }

    /** What must be ready before a start: root directory, groups. */
    record Preparation(@Nullable RootPlan root, @Nullable String hostname, Cgroups.Group group) {}

    /** Starts the container; returns when its main program is about to run. */
    void start(Preparation preparation) throws ContainerFailure {
        group = preparation.group();
        try {
            var writer = new LogWriter(Path.of(record.logFile()), host.rotation(), host.clock());
            log = writer;
            if (record.tty()) {
                terminal = Pty.open();
            }
            var pty = terminal;
            var launch = new Launch(
                    host.tools(),
                    files,
                    record,
                    preparation.hostname(),
                    preparation.root(),
                    host.layout().privileged(),
                    group.processFiles(),
                    pty == null ? null : pty.device());
            var process = launch.start();
            supervisor = process;
            follow(process, preparation.root() != null);
            var unused = process.onExit().thenRunAsync(this::supervisorEnded, host.executor());
        } catch (IOException e) {
            throw failed("cannot start: " + e.getMessage());
        }
    }

    /** Reads the scripts' progress up to the moment at which the container's own program takes over. */
    private void follow(Process process, boolean rooted) throws IOException, ContainerFailure {
        var progress = process.inputReader(StandardCharsets.UTF_8);
        int pid = pid(progress, process);
        startPumps();
        openStdin();
        var now = host.clock().instant();
        var self = host.processes().find(pid);
        var waiting = host.processes().find((int) process.pid());
        var running = new ContainerRecord.Started(
                pid,
                self.map(ProcTable.Entry::startTicks).orElse(0L),
                (int) process.pid(),
                waiting.map(ProcTable.Entry::startTicks).orElse(0L),
                host.bootId(),
                now,
                rooted);
        files.write(running);
        started = running;
        var line = progress.readLine();
        if (line == null || !line.equals("ready")) {
            throw failed(line + ": " + errors());
        }
        awaitPumps((int) process.pid());
        state = new Container.Running(now);
        go(process);
        host.changed(record.podUid());
    }

    private void awaitPumps(int session) throws IOException {
        try {
            for (var pump : pumps) {
                if (!pump.awaitOpen(PIPES_OPEN)) {
                    host.tree().killAll(record.id(), session, group);
                    throw new IOException("its output is not read");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        }
    }

    /** Lets the container's own program begin. */
    private static void go(Process process) {
        try (var in = process.getOutputStream()) {
            in.write('\n');
        } catch (IOException e) {
            LOG.debug("a container ended before it began: {}", e.getMessage());
        }
    }

    private int pid(BufferedReader progress, Process process) throws IOException, ContainerFailure {
        var line = progress.readLine();
        if (line == null || !line.startsWith("pid ")) {
            process.destroyForcibly();
            throw failed("the supervisor did not start: " + errors());
        }
        return Integer.parseInt(line.substring("pid ".length()));
    }

    private String errors() {
        try {
            return Files.readString(files.directory().resolve("errors")).strip();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void startPumps() {
        var writer = log;
        if (writer == null) {
            return;
        }
        var pty = terminal;
        if (pty != null) {
            pumps.add(new LogPump(record.name(), pty::input, writer.stream("stdout"), record.stdin()));
        } else {
            pumps.add(pump(files.stdout(), writer.stream("stdout")));
            pumps.add(pump(files.stderr(), writer.stream("stderr")));
        }
        pumps.forEach(LogPump::start);
    }

    private LogPump pump(Path fifo, LogWriter.LineStream to) {
        return new LogPump(record.name(), LogPump.pipe(fifo), to, record.stdin());
    }

    private void openStdin() throws IOException {
        var pty = terminal;
        if (pty != null) {
            stdin = pty.output();
        } else if (record.stdin()) {
            stdin = new java.io.FileOutputStream(
                    new java.io.RandomAccessFile(files.stdin().toFile(), "rw").getFD());
        }
    }

    /** A start that failed is an end, with the exit code that container runtimes give it. */
    ContainerFailure failed(String message) {
        end(new ContainerRecord.Ended(host.clock().instant(), START_FAILED, "StartError", message), Instant.EPOCH);
        return new ContainerFailure("RunContainerError", message);
    }

    /** Takes up a container that an earlier agent left. */
    void adopt() throws IOException {
        var before = files.started();
        started = before.orElse(null);
        var finished = files.ended();
        if (finished.isPresent()) {
            end(finished.get(), before.map(ContainerRecord.Started::at).orElse(Instant.EPOCH));
        } else if (before.isPresent()) {
            state = new Container.Running(before.get().at());
            if (Files.exists(files.stdout())) {
                log = new LogWriter(Path.of(record.logFile()), host.rotation(), host.clock());
                if (supervisorAlive(before.get()) && !record.tty()) {
                    startPumps();
                }
            }
            Thread.ofVirtual().name("adopted " + record.name()).start(this::watchAdopted);
        }
    }

    private boolean supervisorAlive(ContainerRecord.Started run) {
        return run.bootId().equals(host.bootId()) && host.processes().alive(run.supervisor(), run.supervisorTicks());
    }

    private void watchAdopted() {
        var run = started;
        try {
            while (run != null && supervisorAlive(run) && exitCode().isEmpty()) {
                Thread.sleep(ADOPTED_POLL);
            }
            supervisorEnded();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Integer> exitCode() {
        try {
            var text = Files.readString(files.exitCode());
            return text.endsWith("\n") ? Optional.of(Integer.valueOf(text.strip())) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private void supervisorEnded() {
        if (state instanceof Container.Exited) {
            return;
        }
        var run = started;
        try {
            int session = run == null ? 0 : run.supervisor();
            if (!host.tree().killAll(record.id(), session, group)) {
                LOG.warn("processes of container {} of pod {} cannot be killed", record.name(), record.podUid());
            }
            if (run != null && supervisorAlive(run)) {
                ProcessHandle.of(run.supervisor()).ifPresent(ProcessHandle::destroyForcibly);
            }
            for (var pump : pumps) {
                pump.join(LAST_OUTPUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        end(verdict(), run == null ? Instant.EPOCH : run.at());
    }

    private ContainerRecord.Ended verdict() {
        var now = host.clock().instant();
        var code = exitCode();
        if (code.isEmpty()) {
            return new ContainerRecord.Ended(
                    now,
                    KILLED,
                    "ContainerStatusUnknown",
                    "The container could not be located when the pod was terminated");
        }
        boolean outOfMemory = code.get() == KILLED && group.outOfMemory();
        var reason = outOfMemory ? "OOMKilled" : code.get() == 0 ? "Completed" : "Error";
        return new ContainerRecord.Ended(exitTime().orElse(now), code.get(), reason, "");
    }

    private Optional<Instant> exitTime() {
        try {
            return Optional.of(Files.getLastModifiedTime(files.exitCode()).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void end(ContainerRecord.Ended how, Instant startedAt) {
        try {
            files.write(how);
            group.remove();
        } catch (IOException e) {
            LOG.warn("container {} of pod {} ended, but: {}", record.name(), record.podUid(), e.toString());
        }
        state = new Container.Exited(startedAt, how.at(), how.exitCode(), how.reason(), how.message());
        ended.countDown();
        close();
        host.changed(record.podUid());
    }

    /** See {@link dev.sampan.node.runtime.ContainerRuntime#stop}. */
    void stop(Grace grace) throws InterruptedException {
        var run = started;
        if (run == null || !(state instanceof Container.Running)) {
            return;
        }
        if (host.processes().alive(run.pid(), run.startTicks())) {
            ProcessHandle.of(run.pid()).ifPresent(ProcessHandle::destroy);
        }
        while (true) {
            var left = Duration.between(host.clock().instant(), grace.deadline());
            if (left.isNegative() || left.isZero()) {
                break;
            }
            if (ended.await(Math.min(left.toMillis() + 1, 1000), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        host.tree().killAll(record.id(), run.supervisor(), group);
        if (!ended.await(10, TimeUnit.SECONDS)) {
            LOG.warn("container {} of pod {} does not end", record.name(), record.podUid());
        }
    }

    /** Gives an attached reader the output from now on, and to the first of a container that takes input what it said before. */
    void attach(OutputStream stdout, OutputStream stderr) {
        if (!pumps.isEmpty()) {
            pumps.getFirst().attach(stdout);
        }
        if (pumps.size() > 1) {
            pumps.get(1).attach(stderr);
        }
    }

    Optional<OutputStream> stdin() {
        return Optional.ofNullable(stdin);
    }

    Optional<Pty> terminal() {
        return Optional.ofNullable(terminal);
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    boolean hasEnded() {
        return state instanceof Container.Exited;
    }

    /** Lets a running container run on without this agent. */
    void abandon() {
        if (!record.tty() && !hasEnded() && !pumps.isEmpty()) {
            pumps.getFirst().detach(files.stdout());
            pumps.getLast().detach(files.stderr());
        }
    }

    private void close() {
        var writer = log;
        if (writer != null && hasEnded()) {
            writer.close();
        }
        try {
            var in = stdin;
            if (in != null) {
                in.close();
            }
        } catch (IOException e) {
            LOG.debug("standard input of {} was already closed: {}", record.name(), e.getMessage());
        }
        var pty = terminal;
        if (pty != null && hasEnded()) {
            pty.close();
        }
    }
}
