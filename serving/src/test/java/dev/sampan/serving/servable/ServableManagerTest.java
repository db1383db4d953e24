package dev.sampan.serving.servable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.error.ServingException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** The manager with a fake engine, a clock that is set by hand, and an executor that runs what it is told to run. */
class ServableManagerTest {
    private final FakeEngine engine = new FakeEngine();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private Instant now = Instant.EPOCH;
    private ServableManager manager = manager(TransitionPolicy.AVAILABILITY_PRESERVING);

    private ServableManager manager(TransitionPolicy policy) {
        return new ServableManager(
                engine,
                new ManagerOptions(policy, 2, Duration.ofSeconds(60), false, 0),
                tasks::add,
                tasks::add,
                () -> now,
                WarmUp.NONE,
                ManagerEvents.NONE);
    }

    @Test
    void theOldVersionServesUntilTheNewOneIsAvailable() {
        aspire(1);
        runAll();
        aspire(2);
        assertThat(served()).isEqualTo(1);
        runAll();
        assertThat(served()).isEqualTo(2);
        assertThat(engine.log).containsExactly("load 1", "load 2", "close 1");
        assertThat(states()).isEqualTo("2 AVAILABLE, 1 END");
    }

    @Test
    void resourcePreservingUnloadsFirst() {
        manager = manager(TransitionPolicy.RESOURCE_PRESERVING);
        aspire(1);
        runAll();
        aspire(2);
        assertThatThrownBy(this::served).isInstanceOf(ServingException.class);
        runAll();
        assertThat(engine.log).containsExactly("load 1", "close 1", "load 2");
    }

    @Test
    void aVersionInUseIsClosedByItsLastUser() {
        aspire(1);
        runAll();
        var first = manager.acquire(ModelSpec.latest("m"));
        var second = manager.acquire(ModelSpec.version("m", 1));
        aspire(2);
        runAll();
        first.close();
        first.close();
        runAll();
        assertThat(engine.log).doesNotContain("close 1");
        assertThat(states()).isEqualTo("2 AVAILABLE, 1 UNLOADING");
        second.close();
        runAll();
        assertThat(engine.log).contains("close 1");
        assertThatThrownBy(() -> manager.acquire(ModelSpec.version("m", 1)))
                .hasMessage("Servable not found for request: Specific(m, 1)");
    }

    @Test
    void aFailedLoadIsTriedAgainAndGivenUp() {
        aspire(1);
        runAll();
        engine.broken.add("2");
        aspire(2);
        runAll();
        assertThat(states()).isEqualTo("2 LOADING, 1 AVAILABLE");
        manager.tick();
        runAll();
        assertThat(engine.log).containsExactly("load 1", "load 2");
        for (int i = 0; i < 5; i++) {
            now = now.plusSeconds(60);
            manager.tick();
            runAll();
        }
        assertThat(engine.log).containsExactly("load 1", "load 2", "load 2", "load 2");
        assertThat(states()).isEqualTo("2 END, 1 AVAILABLE");
        assertThat(manager.status(ModelSpec.version("m", 2)).getFirst().message())
                .isEqualTo("broken");
        assertThat(served()).isEqualTo(1);
    }

    @Test
    void changedFilesAreTriedAtOnce() {
        engine.broken.add("1");
        aspire(1);
        runAll();
        engine.broken.clear();
        manager.aspire("m", List.of(new AspiredVersion(1, Path.of("1"), "other")));
        runAll();
        assertThat(served()).isEqualTo(1);
    }

    @Test
    void anEngineThatCrashesIsAFailedLoad() {
        engine.crashes = true;
        aspire(1);
        runAll();
        assertThat(manager.status(ModelSpec.latest("m")).getFirst().message()).contains("boom");
        assertThat(manager.settled(List.of("m"))).isTrue();
    }

    @Test
    void aVersionThatIsNoLongerWantedWhileItLoadsIsUnloaded() {
        aspire(1);
        aspire();
        runAll();
        assertThat(engine.log).containsExactly("load 1", "close 1");
        assertThat(manager.availableModels()).isEmpty();
    }

    @Test
    void aVersionComesBack() {
        aspire(1, 2);
        runAll();
        aspire(1);
        runAll();
        assertThat(served()).isEqualTo(1);
        aspire(1, 2);
        runAll();
        assertThat(served()).isEqualTo(2);
        assertThat(engine.log).containsExactly("load 2", "load 1", "close 2", "load 2");
    }

    @Test
    void aVersionWantedAgainWhileItUnloadsIsLoadedAfterwards() {
        aspire(1);
        runAll();
        aspire();
        aspire(1);
        runAll();
        assertThat(served()).isEqualTo(1);
        assertThat(engine.log).containsExactly("load 1", "close 1", "load 1");
    }

    @Test
    void whatIsWantedAgainWhileItIsUnloadedIsAboutToLoad() {
        aspire(1);
        runAll();
        var handle = manager.acquire(ModelSpec.version("m", 1));
        aspire();
        aspire(1);
        assertThat(manager.settled(List.of("m"))).isFalse();
        handle.close();
        runAll();
        assertThat(manager.settled(List.of("m"))).isTrue();
        assertThat(states()).isEqualTo("1 AVAILABLE");
    }

    @Test
    void newContentOfAVersionIsLoadedBeforeTheOldLeaves() {
        aspireContent("old");
        runAll();
        var handle = manager.acquire(ModelSpec.version("m", 1));
        aspireContent("new");
        aspireContent("new");
        assertThat(content()).isEqualTo("old");
        runAll();
        assertThat(content()).isEqualTo("new");
        assertThat(states()).isEqualTo("1 AVAILABLE");
        assertThat(engine.log).containsExactly("load old", "load new");
        handle.close();
        runAll();
        aspireContent("new");
        runAll();
        assertThat(engine.log).containsExactly("load old", "load new", "close old");
        assertThat(states()).isEqualTo("1 AVAILABLE");
        aspire();
        runAll();
        assertThat(engine.log).endsWith("close old", "close new");
    }

    @Test
    void newContentThatDoesNotLoadSaysWhyAndLeavesTheOldServing() {
        aspireContent("old");
        runAll();
        engine.broken.add("new");
        for (int i = 0; i < 5; i++) {
            aspireContent("new");
            runAll();
            aspireContent("new");
            runAll();
            now = now.plusSeconds(60);
        }
        assertThat(engine.log).containsExactly("load old", "load new", "load new", "load new");
        assertThat(content()).isEqualTo("old");
        assertThat(manager.versions("m").getFirst().message()).isEqualTo("its new content does not load: broken");
        aspireContent("newer");
        runAll();
        assertThat(content()).isEqualTo("newer");
        assertThat(manager.versions("m").getFirst().message()).isEmpty();
    }

    @Test
    void newContentThatIsNoLongerWantedIsClosed() {
        aspireContent("old");
        runAll();
        aspireContent("new");
        aspireContent("newer");
        runAll();
        assertThat(content()).isEqualTo("newer");
        aspireContent("newest");
        aspire();
        runAll();
        assertThat(engine.inMemory()).isZero();
        assertThat(states()).isEqualTo("1 END");
    }

    @Test
    void resourcePreservingUnloadsTheOldContentFirst() {
        manager = manager(TransitionPolicy.RESOURCE_PRESERVING);
        aspireContent("old");
        runAll();
        aspireContent("new");
        runAll();
        assertThat(engine.log).containsExactly("load old", "close old", "load new");
        assertThat(content()).isEqualTo("new");
    }

    private void aspireContent(String folder) {
        manager.aspire("m", List.of(new AspiredVersion(1, Path.of(folder), "")));
    }

    private String content() {
        try (var handle = manager.acquire(ModelSpec.version("m", 1))) {
            return handle.model().classNames().getFirst();
        }
    }

    @Test
    void loadsAndUnloadsHaveThreadsOfTheirOwn() {
        var unloads = new ArrayDeque<Runnable>();
        manager = new ServableManager(
                engine, ManagerOptions.DEFAULT, tasks::add, unloads::add, () -> now, WarmUp.NONE, ManagerEvents.NONE);
        manager.aspire("m", List.of(new AspiredVersion(1, Path.of("1"), ""), new AspiredVersion(2, Path.of("2"), "")));
        assertThat(tasks).hasSize(2);
        runAll();
        aspire();
        runAll();
        assertThat(engine.log).containsExactly("load 2", "load 1");
        assertThat(unloads).hasSize(2);
        unloads.forEach(Runnable::run);
        assertThat(engine.log).endsWith("close 1", "close 2");
    }

    @Test
    void labelsNameAvailableVersionsOnly() {
        aspire(1, 2);
        runAll();
        manager.label("m", Map.of("stable", 1L));
        try (var handle = manager.acquire(ModelSpec.label("m", "stable"))) {
            assertThat(handle.version()).isEqualTo(1);
        }
        assertThatThrownBy(() -> manager.label("m", Map.of("canary", 3L)))
                .hasMessageContaining("which is not available");
        assertThatThrownBy(() -> manager.acquire(ModelSpec.label("m", "canary")))
                .hasMessage("Unrecognized servable version label: canary");
    }

    @Test
    void endedVersionsAreForgottenInTime() {
        for (int version = 1; version <= 60; version++) {
            aspire(version);
            runAll();
        }
        assertThat(manager.status(ModelSpec.latest("m"))).hasSizeBetween(20, 22);
    }

    private void aspire(long... versions) {
        manager.aspire(
                "m",
                Arrays.stream(versions)
                        .mapToObj(v -> new AspiredVersion(v, Path.of(Long.toString(v)), ""))
                        .toList());
    }

    private void runAll() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private long served() {
        try (var handle = manager.acquire(ModelSpec.latest("m"))) {
            return handle.version();
        }
    }

    private String states() {
        return String.join(
                ", ",
                manager.status(ModelSpec.latest("m")).stream()
                        .map(status -> status.version() + " " + status.state())
                        .toList());
    }
}
