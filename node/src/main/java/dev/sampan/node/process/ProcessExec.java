package dev.sampan.node.process;

import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a command in the namespaces, groups, environment and working directory of a running container. */
final class ProcessExec {

    private final ProcessHost host;

    ProcessExec(ProcessHost host) {
        this.host = host;
    }

    ExecSession start(ProcessContainer container, ExecSpec spec) throws ContainerFailure {
        var run = container.started().orElse(null);
        if (run == null || !container.view().running() || !host.processes().alive(run.pid(), run.startTicks())) {
            throw new ContainerFailure(
                    "ContainerNotRunning", "container " + container.record().name() + " is not running");
        }
        Pty terminal = null;
        try {
            terminal = spec.tty() ? Pty.open() : null;
            var process = builder(container, run, spec, terminal).start();
            return new Session(process, terminal);
        } catch (IOException e) {
            if (terminal != null) {
                terminal.close();
            }
            throw new ContainerFailure("ExecError", "cannot exec: " + e.getMessage(), e);
        }
    }

    private ProcessBuilder builder(
            ProcessContainer container, ContainerRecord.Started run, ExecSpec spec, @Nullable Pty terminal) {
        var environment = new LinkedHashMap<>(container.record().environment());
        environment.put(Launch.PID, Integer.toString(run.pid()));
        if (spec.tty()) {
            environment.putIfAbsent("TERM", "xterm");
        }
        var builder = new ProcessBuilder(
                host.tools().path("setsid"), "/bin/sh", "-c", script(container, run, spec, terminal));
        if (terminal != null) {
            builder.redirectInput(terminal.device().toFile())
                    .redirectOutput(terminal.device().toFile())
                    .redirectError(terminal.device().toFile());
        } else if (!spec.stdin()) {
            builder.redirectInput(new File("/dev/null"));
        }
        Launch.environment(builder.environment(), environment);
        return builder;
    }

    private String script(
            ProcessContainer container, ContainerRecord.Started run, ExecSpec spec, @Nullable Pty terminal) {
        var script = new StringBuilder();
        for (var file : container.group().processFiles()) {
            script.append("echo $$ >").append(Shell.quote(file.toString())).append(" 2>/dev/null\n");
        }
        var words = new ArrayList<String>();
        if (terminal != null) {
            words.addAll(List.of(host.tools().path("setsid"), "-c", "-w"));
        }
        if (run.rooted()) {
            words.add(host.tools().path("nsenter"));
            words.addAll(host.layout().privileged() ? List.of() : List.of("-U", "--preserve-credentials"));
            words.addAll(List.of("-m", "-u", "-r", "-t", Integer.toString(run.pid())));
            words.addAll(user(container.record()));
            words.add("--wdns=" + container.record().workingDir());
        } else {
            script.append("cd ")
                    .append(Shell.quote(container.record().workingDir()))
                    .append('\n');
        }
        words.addAll(Launch.oddVariables(container.record().environment()));
        words.addAll(spec.command());
        return script.append("exec ").append(Shell.quote(words)).append('\n').toString();
    }

    private List<String> user(ContainerRecord record) {
        var user = record.user();
        if (user == null || !host.layout().privileged()) {
            return List.of();
        }
        var parts = user.split(":", 2);
        return List.of("-G", parts.length > 1 ? parts[1] : parts[0], "-S", parts[0]);
    }

    /** A running exec. */
    private record Session(Process process, @Nullable Pty terminal) implements ExecSession {

        @Override
        public OutputStream stdin() {
            return terminal == null ? process.getOutputStream() : terminal.output();
        }

        @Override
        public InputStream stdout() {
            return terminal == null ? process.getInputStream() : terminal.input();
        }

        @Override
        public InputStream stderr() {
            return terminal == null ? process.getErrorStream() : InputStream.nullInputStream();
        }

        @Override
        public void resize(int columns, int rows) {
            if (terminal != null) {
                terminal.resize(columns, rows);
            }
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            if (terminal != null) {
                terminal.close();
            }
        }
    }
}
