package dev.sampan.app.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a ready server tells the commands that look for it.
 *
 * @param pid process id of the server
 * @param startedAt when its Java process started; with the pid it names the process for certain
 * @param apiServer base address of the Kubernetes API
 * @param ingress address of the ingress gateway's plain HTTP port; empty when it has none
 * @param readyMillis milliseconds from the process' start until every component was ready
 */
public record RunningServer(long pid, Instant startedAt, String apiServer, String ingress, long readyMillis) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    void write(Path file) throws IOException {
        var partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.write(partial, JSON.writeValueAsBytes(this));
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The server that {@code home} describes, if its process is still the one that wrote the description. */
    public static Optional<RunningServer> find(Home home) throws IOException {
        try {
            var described = JSON.readValue(Files.readAllBytes(home.running()), RunningServer.class);
            return described.process().isPresent() ? Optional.of(described) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new IOException(
                    home.running() + " is damaged (" + e.getOriginalMessage()
                            + "). Stop the server by its process id, then remove the file.",
                    e);
        }
    }

    /** The live process, or empty when it ended and another process may carry its number. */
    public Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle ->
                        handle.info().startInstant().map(startedAt::equals).orElse(true));
    }
}
