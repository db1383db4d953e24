package dev.sampan.app.cluster;

import dev.sampan.node.files.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything of one cluster: its state, certificates, volumes, images, pods and logs.
 * Deleting it deletes the cluster.
 */
public record Home(Path root) {

    /** The folder named by {@code --home}, else by {@code SAMPAN_HOME}, else {@code ~/.sampan}. */
    public static Home resolve(@Nullable Path option) {
        if (option != null) {
            return new Home(option.toAbsolutePath().normalize());
        }
        var variable = System.getenv("SAMPAN_HOME");
        var path = variable == null || variable.isBlank() ? ofUser().resolve(".sampan") : Path.of(variable);
        return new Home(path.toAbsolutePath().normalize());
    }

    /** The user's own folder, found as kubectl finds it: by {@code HOME}, else by the system's list of users. */
    static Path ofUser() {
        var variable = System.getenv("HOME");
        return Path.of(variable == null || variable.isBlank() ? System.getProperty("user.home") : variable);
    }

    /** Whether it is the one that a user has without asking for another. */
    boolean isOfUser() {
        return root.equals(ofUser().resolve(".sampan").toAbsolutePath().normalize());
    }

    /** Creates the folder, readable by its owner alone (it holds private keys). */
    public void create() throws IOException {
        if (Files.isDirectory(root)) {
            return;
        }
        if (root.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(root);
        }
    }

    /** Deletes all that a cluster keeps here, and the folder itself when nothing else is in it. */
    public void delete() throws IOException {
        for (var folder : List.of(state(), pki(), pods(), volumes(), images(), logs())) {
            Trees.delete(folder);
        }
        // Last what tells that there is a cluster, so that an interrupted deletion can be repeated.
        for (var file : List.of(kubeconfig(), lock(), running(), waiting(), flags(), settings(), network())) {
            Files.deleteIfExists(file);
        }
        try (var rest = Files.list(root)) {
            if (rest.findAny().isPresent()) {
                return;
            }
        }
        Files.delete(root);
    }

    public Path state() {
        return root.resolve("state");
    }

    public Path pki() {
        return root.resolve("pki");
    }

    public Path pods() {
        return root.resolve("pods");
    }

    public Path volumes() {
        return root.resolve("volumes");
    }

    public Path images() {
        return root.resolve("images");
    }

    public Path logs() {
        return root.resolve("logs");
    }

    /** What the server process writes: its log, and whatever it prints when it cannot start. */
    public Path serverLog() {
        return logs().resolve("server.log");
    }

    /** The administrator's kubeconfig of this cluster alone. */
    public Path kubeconfig() {
        return root.resolve("kubeconfig");
    }

    /** Held locked while a server runs on this folder. */
    public Path lock() {
        return root.resolve("server.lock");
    }

    /** Describes the running server; written once it is ready, removed when it stops. */
    public Path running() {
        return root.resolve("server.json");
    }

    /** What a server that starts waits for, in words; there while it waits. */
    Path waiting() {
        return root.resolve("waiting");
    }

    /** The API server's flags of the last start. */
    public Path flags() {
        return root.resolve("flags.json");
    }

    /** The number of the cluster's network. */
    Path network() {
        return root.resolve("network");
    }

    /** The settings of the last start, so that the next one keeps the same addresses. */
    public Path settings() {
        return root.resolve("settings.json");
    }
}
