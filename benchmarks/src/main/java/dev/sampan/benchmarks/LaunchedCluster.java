package dev.sampan.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A cluster that is started through the launcher, as a user does it. */
record LaunchedCluster(Path launcher, Path home) {

    private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*(\\d+) kB");

    /** What the server used so far. */
    record Usage(Duration cpu, long residentKilobytes) {}

    /** Runs a command to its end. @throws IOException when it fails, with what it said */
    void sampan(String... arguments) throws IOException, InterruptedException {
        var command = new ProcessBuilder(launcher.toString());
        command.command().addAll(Arrays.asList(arguments));
        command.environment().put("SAMPAN_HOME", home.toString());
        command.environment().put("KUBECONFIG", home.resolve("user-config").toString());
        var process = command.redirectErrorStream(true)
                .redirectOutput(home.resolve("sampan.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("sampan " + String.join(" ", arguments) + " failed:\n"
                    + Files.readString(home.resolve("sampan.log")));
        }
    }

    Usage usage() throws IOException {
        var pid = first(PID, Files.readString(home.resolve("server.json")));
        var resident = Long.parseLong(first(RESIDENT, Files.readString(Path.of("/proc", pid, "status"))));
        var cpu = ProcessHandle.of(Long.parseLong(pid))
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
        return new Usage(cpu, resident);
    }

    private static String first(Pattern pattern, String text) throws IOException {
        var match = pattern.matcher(text);
        if (!match.find()) {
            throw new IOException("no " + pattern + " in " + text);
        }
        return match.group(1);
    }
}
