package dev.sampan.serving.source;

import dev.sampan.models.format.ModelFolders;
import dev.sampan.serving.config.VersionPolicy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a folder of version folders as a remote model is. Versions are fetched into a hidden folder; when it is whole the version
 * becomes a link into it, so that changed content takes the old one's place at once. What failed is tried again after 1 s, 2 s, 4 s ... up to a minute. What is there outlives the server. Servers may share the
 * folder. Used by one thread.
 */
final class Mirror {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    /** Held by the one server of those that share the folder that changes it. */
    private static final String LOCK = ".lock";

    /** Beginning of the names of the folders that versions are links into. */
    private static final String CONTENT = ".content-";
    /** What is in such a folder: the model, and the fingerprint of what was fetched. */
    private static final String MODEL = "model";

    private static final String FINGERPRINT = "fingerprint";

    private final RemoteModel remote;
    private final Path folder;
    private final VersionPolicy policy;
    private final InstantSource clock;
    private Duration wait = FIRST_WAIT;
    private Instant notBefore = Instant.MIN;

    Mirror(RemoteModel remote, Path folder, VersionPolicy policy, InstantSource clock) {
        this.remote = remote;
        this.folder = folder;
        this.policy = policy;
        this.clock = clock;
    }

    /** What came of a look at the remote model. */
    sealed interface Outcome {
        /** The folder is as it should be. */
        record Current() implements Outcome {}

        /** It is not yet time to try again, or another server is fetching into the folder. */
        record Waiting() implements Outcome {}

        record Failed(String reason) implements Outcome {}
    }

    Outcome sync() {
        if (clock.instant().isBefore(notBefore)) {
            return new Outcome.Waiting();
        }
        try {
            Files.createDirectories(folder);
            try (var channel = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.tryLock()) {
                if (lock == null) {
                    return new Outcome.Waiting();
                }
                update();
            }
            wait = FIRST_WAIT;
            return new Outcome.Current();
        } catch (OverlappingFileLockException e) {
            return new Outcome.Waiting();
        } catch (IOException | RuntimeException e) {
            notBefore = clock.instant().plus(wait);
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait.multipliedBy(2);
            return new Outcome.Failed(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private void update() throws IOException {
        var local = local();
        var numbered = new TreeMap<Long, RemoteVersion>();
        for (var version : remote.list()) {
            numbered.put(
                    version.number() == RemoteVersion.UNNUMBERED ? number(version, local) : version.number(), version);
        }
        var wanted = policy.choose(numbered.keySet());
        for (long number : wanted) {
            var version = Objects.requireNonNull(numbered.get(number));
            if (!version.fingerprint().equals(local.get(number))) {
                fetch(number, version);
            }
        }
        // Only now: an old version serves until its successor is there.
        for (long number : local.keySet()) {
            if (!wanted.contains(number)) {
                remove(number);
            }
        }
    }

    /** The number that a version without one has, or will get. */
    private static long number(RemoteVersion version, Map<Long, String> local) {
        long highest = 0;
        for (var known : local.entrySet()) {
            if (known.getValue().equals(version.fingerprint())) {
                return known.getKey();
            }
            highest = Math.max(highest, known.getKey());
        }
        return highest + 1;
    }

    /** Fingerprints of the versions that are there; content that no version is, or is any more, is cleared away. */
    private Map<Long, String> local() throws IOException {
        List<Path> entries;
        try (var files = Files.list(folder)) {
            entries = files.toList();
        }
        var versions = new HashMap<Long, String>();
        var linked = new HashSet<Path>();
        for (var entry : entries) {
            long number = ModelFolders.version(entry);
            if (number >= 0) {
                versions.put(number, fingerprint(entry));
                if (Files.isSymbolicLink(entry)) {
                    linked.add(folder.resolve(Files.readSymbolicLink(entry)).getParent());
                }
            }
        }
        for (var entry : entries) {
            if (entry.getFileName().toString().startsWith(CONTENT) && !linked.contains(entry)) {
                Archives.delete(entry);
            }
        }
        return versions;
    }

    private static String fingerprint(Path version) throws IOException {
        try {
            return Files.readString(version.toRealPath().resolveSibling(FINGERPRINT));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** What was there under this number stays on disk until the next look, for a server that is loading it. */
    private void fetch(long number, RemoteVersion version) throws IOException {
        var content = Files.createDirectory(folder.resolve(CONTENT + number + "-" + UUID.randomUUID()));
        try {
            var fetched = Files.createDirectory(content.resolve("fetched"));
            remote.fetch(version, fetched);
            Files.writeString(content.resolve(FINGERPRINT), version.fingerprint());
            Files.move(Archives.model(fetched), content.resolve(MODEL), StandardCopyOption.ATOMIC_MOVE);
            Archives.delete(fetched);
            var link = Files.createSymbolicLink(
                    content.resolve("link"), Path.of(content.getFileName().toString(), MODEL));
            var place = folder.resolve(Long.toString(number));
            if (!Files.isSymbolicLink(place)) {
                // A folder that an earlier Sampan left: no link takes the place of one.
                Archives.delete(place);
            }
            Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("fetched version {} into {}", number, folder);
        } catch (IOException | RuntimeException e) {
            Archives.delete(content);
            throw e;
        }
    }

    private void remove(long number) throws IOException {
        Archives.delete(folder.resolve(Long.toString(number)));
    }
}
