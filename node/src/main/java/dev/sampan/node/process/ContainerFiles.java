package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The files of one container attempt in its directory. */
record ContainerFiles(Path directory) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    Path supervisorScript() {
        return directory.resolve("run.sh");
    }

    /** Written by the supervisor: the exit code and a line end. */
    Path exitCode() {
        return directory.resolve("exit");
    }

    Path stdout() {
        return directory.resolve("stdout");
    }

    Path stderr() {
        return directory.resolve("stderr");
    }

    Path stdin() {
        return directory.resolve("stdin");
    }

    Optional<ContainerRecord> record() {
        return read("record.json", ContainerRecord.class);
    }

    void write(ContainerRecord value) throws IOException {
        write("record.json", value);
    }

    Optional<ContainerRecord.Started> started() {
        return read("started.json", ContainerRecord.Started.class);
    }

    void write(ContainerRecord.Started value) throws IOException {
        write("started.json", value);
    }

    Optional<ContainerRecord.Ended> ended() {
        return read("ended.json", ContainerRecord.Ended.class);
    }

    void write(ContainerRecord.Ended value) throws IOException {
        write("ended.json", value);
    }

    private <T> Optional<T> read(String name, Class<T> type) {
        var file = directory.resolve(name);
        try {
            return Files.exists(file) ? Optional.of(JSON.readValue(Files.readAllBytes(file), type)) : Optional.empty();
        } catch (IOException | JacksonException e) {
            return Optional.empty(); // cut off by a crash while it was written for the first time
        }
    }

    /** Only the owner may read it: a record holds the container's environment. */
    static void writeJson(Path file, Object value) throws IOException {
        var temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, JSON.writeValueAsBytes(value));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static <T> T readJson(Path file, Class<T> type) throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw new IOException(file + ": " + e.getOriginalMessage(), e);
        }
    }

    private void write(String name, Object value) throws IOException {
        writeJson(directory.resolve(name), value);
    }
}
