package dev.sampan.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a writing process with SIGKILL, again and again on the same directory. After each kill: every write that was acknowledged is
 * there, revisions have no gap, a watch that resumes gets exactly what came since, and the state is what the events add up to.
 */
final class SqliteCrashTest {

    private static final int KILLS = Integer.getInteger("sampan.crash.kills", 220);

    @TempDir
    private Path temporary;

    private final long seed = Long.getLong("sampan.crash.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** Acknowledged since the last look, by revision. */
    private final TreeMap<Long, String> acknowledged = new TreeMap<>();

    /** The live entries at {@link #seen}, as the events told. */
    private final TreeMap<String, Entry> live = new TreeMap<>();

    private long seen = 1;
    private long total;

    @Test
    @Timeout(300)
    void nothingAcknowledgedIsLostAndNothingIsTornByKills() throws Exception {
        var children = new ChildJvm(temporary);
        children.warmUp(CrashWriter.class, temporary.resolve("warm").toString(), "1", "20");
        int productive = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int before = acknowledged.size();
            killOneWriter(children, kill);
            productive += acknowledged.size() > before ? 1 : 0;
            if (kill % 4 != 3) { // now and then the next writer recovers what the killed one left
                inspect("seed " + seed + ", kill " + kill);
            }
        }
        inspect("seed " + seed + ", end");
        assertThat(productive).as("kills amid writes").isGreaterThan(KILLS / 2);
        System.out.printf("%d kills, %d of them amid writes, %d writes acknowledged%n", KILLS, productive, total);
    }

    private void killOneWriter(ChildJvm children, int kill) throws IOException, InterruptedException {
        var printed = temporary.resolve("acknowledged");
        var state = temporary.resolve("state").toString();
        var child = children.start(printed, CrashWriter.class, state, Long.toString(seed + kill), "1000000");
        if (random.nextInt(10) > 0) { // else somewhere in its start
            while (Files.size(printed) == 0 && child.isAlive()) {
                LockSupport.parkNanos(200_000);
            }
        }
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(60_000)));
        child.destroyForcibly();
        assertThat(child.waitFor()).isEqualTo(128 + 9);
        var lines = Files.readString(printed);
        var whole = lines.substring(0, lines.lastIndexOf('\n') + 1); // the kill may have cut the last one
        whole.lines().forEach(line -> acknowledged.put(Long.parseLong(line.substring(0, line.indexOf(' '))), line));
    }

    private void inspect(String when) {
        var options = new SqliteStore.Options(CrashWriter.RETENTION, 0, InstantSource.system());
        try (var store = SqliteStore.open(temporary.resolve("state"), options)) {
            long revision = store.snapshot().revision();
            assertThat(acknowledged.isEmpty() ? seen : acknowledged.lastKey())
                    .as(when)
                    .isLessThanOrEqualTo(revision);
            var events = resume(store, revision);
            assertThat(events)
                    .as(when)
                    .extracting(Event::revision)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(seen + 1, revision).boxed().toList());
            for (var event : events) {
                apply(when, event);
            }
            assertThat(store.snapshot().range("", null)).as(when).containsExactlyElementsOf(live.values());
            total += acknowledged.size();
            acknowledged.clear();
            seen = revision;
        }
    }

    private List<Event> resume(Store store, long revision) {
        if (revision == seen) {
            return List.of();
        }
        var recorder = new Recorder();
        store.watch("", seen, recorder);
        return recorder.awaitRevision(revision);
    }

    private void apply(String when, Event event) {
        var entry = event.entry();
        var promised = acknowledged.get(event.revision());
        if (promised != null) {
            assertThat(CrashWriter.acknowledgement(entry)).as(when).isEqualTo(promised);
        }
        assertThat(event.previous()).as(when).isEqualTo(live.get(entry.key()));
        if (entry.deleted()) {
            live.remove(entry.key());
        } else {
            live.put(entry.key(), entry);
        }
    }
}
