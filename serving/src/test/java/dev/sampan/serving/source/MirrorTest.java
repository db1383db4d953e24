package dev.sampan.serving.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.serving.config.VersionPolicy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {
    @TempDir
    Path folder;

    private final Map<Long, String> versions = new TreeMap<>();
    private Instant now = Instant.EPOCH;
    private boolean breaks;

    /** Versions of one file; breaks off when told to. */
    private final RemoteModel remote = new RemoteModel() {
        @Override
        public List<RemoteVersion> list() {
            return versions.entrySet().stream()
                    .map(version -> new RemoteVersion(version.getKey(), version.getValue()))
                    .toList();
        }

        @Override
        public void fetch(RemoteVersion version, Path into) throws IOException {
            Files.writeString(into.resolve("first"), "whole");
            if (breaks) {
                throw new IOException("broke off");
            }
            Files.writeString(into.resolve("model"), version.fingerprint());
        }
    };

    private Mirror mirror() {
        return new Mirror(remote, folder, new VersionPolicy.Latest(1), () -> now);
    }

    @Test
    void aVersionAppearsWholeAndTheOldOneGoesOnlyThen() throws IOException {
        var mirror = mirror();
        versions.put(1L, "one");
        assertThat(mirror.sync()).isEqualTo(new Mirror.Outcome.Current());
        assertThat(visible()).containsExactly("1");

        versions.put(2L, "two");
        breaks = true;
        assertThat(mirror.sync()).isEqualTo(new Mirror.Outcome.Failed("broke off"));
        assertThat(visible()).containsExactly("1");

        breaks = false;
        now = now.plusSeconds(1);
        assertThat(mirror.sync()).isEqualTo(new Mirror.Outcome.Current());
        assertThat(visible()).containsExactly("2");
        assertThat(folder.resolve("2/model")).hasContent("two");
    }

    @Test
    void triesAreLessAndLessFrequent() {
        var mirror = mirror();
        versions.put(1L, "one");
        breaks = true;
        for (long seconds : List.of(1, 2, 4, 8, 16, 32, 60, 60)) {
            assertThat(mirror.sync()).isInstanceOf(Mirror.Outcome.Failed.class);
            now = now.plusSeconds(seconds).minusMillis(1);
            assertThat(mirror.sync()).isEqualTo(new Mirror.Outcome.Waiting());
            now = now.plus(Duration.ofMillis(1));
        }
        breaks = false;
        assertThat(mirror.sync()).isEqualTo(new Mirror.Outcome.Current());
    }

    @Test
    void anotherStartFindsWhatIsThereAndClearsRemains() throws IOException {
        versions.put(1L, "one");
        mirror().sync();
        Files.createDirectories(folder.resolve(".content-of-one-that-was-killed/fetched"));
        breaks = true; // Nothing is fetched again.
        assertThat(mirror().sync()).isEqualTo(new Mirror.Outcome.Current());
        assertThat(folder.resolve(".content-of-one-that-was-killed")).doesNotExist();
        breaks = false;
        versions.put(1L, "changed");
        mirror().sync();
        assertThat(folder.resolve("1/model")).hasContent("changed");
    }

    @Test
    void changedContentTakesTheOldOnesPlaceAtOnceAndTheOldStaysForOneLook() throws IOException {
        versions.put(1L, "one");
        mirror().sync();
        var old = folder.resolve("1").toRealPath();
        versions.put(1L, "changed");
        breaks = true;
        mirror().sync();
        assertThat(folder.resolve("1").toRealPath()).isEqualTo(old);
        breaks = false;
        mirror().sync();
        assertThat(folder.resolve("1/model")).hasContent("changed");
        assertThat(old.resolve("model")).hasContent("one");
        mirror().sync();
        assertThat(old.getParent()).doesNotExist();
        assertThat(folder.resolve("1/model")).hasContent("changed");
        versions.clear();
        mirror().sync();
        mirror().sync();
        try (var rest = Files.list(folder)) {
            assertThat(rest).containsExactly(folder.resolve(".lock"));
        }
    }

    @Test
    void aFolderInTheVersionsPlaceIsReplaced() throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("1")).resolve("model"), "of an earlier Sampan");
        versions.put(1L, "one");
        assertThat(mirror().sync()).isEqualTo(new Mirror.Outcome.Current());
        assertThat(folder.resolve("1/model")).hasContent("one");
    }

    @Test
    void aSourceWithoutNumbersCountsItsChanges() throws IOException {
        for (var content : List.of("a", "b", "c")) {
            versions.put(RemoteVersion.UNNUMBERED, content);
            mirror().sync();
            mirror().sync();
        }
        assertThat(visible()).containsExactly("3");
        assertThat(folder.resolve("3/model")).hasContent("c");
    }

    @Test
    void serversThatShareAFolderTakeTurns() throws IOException {
        versions.put(1L, "one");
        try (var channel = FileChannel.open(
                        Files.createDirectories(folder).resolve(".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(mirror().sync()).isEqualTo(new Mirror.Outcome.Waiting());
            assertThat(visible()).isEmpty();
        }
        assertThat(mirror().sync()).isEqualTo(new Mirror.Outcome.Current());
        assertThat(visible()).containsExactly("1");
    }

    private List<String> visible() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }
}
