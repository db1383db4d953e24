package dev.sampan.scheduler.queue;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.withPriority;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.Plugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {

    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final ClusterEvent NODE = new ClusterEvent.NodeChanged(null, NodeInfo.of(node("a")));
    private static final ClusterEvent OTHER = new ClusterEvent.StorageChanged();

    /** Wakes for new nodes only. */
    private static final class WakesForNodes implements Plugin {
        @Override
        public String name() {
            return "nodes";
        }

        @Override
        public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
            return event instanceof ClusterEvent.NodeChanged;
        }
    }

    private final SchedulingQueue queue =
            new SchedulingQueue(Map.of("nodes", new WakesForNodes()), Backoff.DEFAULT, Duration.ofMinutes(5));

    private static Instant at(double seconds) {
        return T0.plusMillis((long) (seconds * 1000));
    }

    private QueuedPod take(double seconds) {
        return Objects.requireNonNull(queue.take(at(seconds)));
    }

    @Test
    void higherPriorityFirstThenOlder() {
        queue.put(info(pod("first", "")), at(0));
        queue.put(info(pod("second", "")), at(1));
        queue.put(info(withPriority(10, pod("urgent", ""))), at(2));
        assertThat(take(3).pod().name()).isEqualTo("urgent");
        assertThat(take(3).pod().name()).isEqualTo("first");
        assertThat(take(3).pod().name()).isEqualTo("second");
        assertThat(queue.take(at(3))).isNull();
    }

    @Test
    void rejectedPodWaitsForAnEventThatItsPluginNames() {
        queue.put(info(pod("p", "")), at(0));
        queue.rejected(take(0), Set.of("nodes"), at(0));
        queue.on(OTHER, at(2));
        assertThat(queue.take(at(2))).isNull();
        queue.on(NODE, at(3));
        assertThat(take(3).attempts()).isEqualTo(2);
    }

    @Test
    void anEventDuringBackoffWaitsForItsEnd() {
        queue.put(info(pod("p", "")), at(0));
        queue.rejected(take(0), Set.of("nodes"), at(0));
        queue.on(NODE, at(0.5));
        assertThat(queue.take(at(0.9))).isNull();
        assertThat(queue.nextDeadline()).isEqualTo(at(1));
        assertThat(queue.take(at(1))).isNotNull();
    }

    @Test
    void backoffDoublesUpToTenSeconds() {
        assertThat(java.util.stream.IntStream.rangeClosed(1, 7)
                        .mapToObj(Backoff.DEFAULT::after)
                        .map(Duration::toSeconds))
                .containsExactly(1L, 2L, 4L, 8L, 10L, 10L, 10L);
    }

    @Test
    void unknownRejectorMeansThatAnyEventWakes() {
        queue.put(info(pod("p", "")), at(0));
        queue.rejected(take(0), Set.of(""), at(0));
        queue.on(OTHER, at(2));
        assertThat(queue.take(at(2))).isNotNull();
    }

    @Test
    void forgottenPodIsTriedAfterFiveMinutes() {
        queue.put(info(pod("p", "")), at(0));
        queue.rejected(take(0), Set.of("nodes"), at(0));
        queue.tick(at(299));
        assertThat(queue.take(at(299))).isNull();
        assertThat(queue.nextDeadline()).isEqualTo(at(300));
        queue.tick(at(300));
        assertThat(queue.take(at(300))).isNotNull();
    }

    @Test
    void gatedPodEntersWhenItsGatesAreGone() {
        queue.put(info(pod("p", "schedulingGates: [{name: example.com/wait}]")), at(0));
        assertThat(queue.take(at(0))).isNull();
        queue.on(NODE, at(1));
        assertThat(queue.take(at(1))).isNull();
        queue.put(info(pod("p", "")), at(2));
        assertThat(queue.take(at(2))).isNotNull();
    }

    @Test
    void statusUpdateDoesNotWakeButAChangeOfTheSpecDoes() {
        queue.put(info(pod("p", "")), at(0));
        queue.rejected(take(0), Set.of("nodes"), at(0));
        var reported = pod("p", "");
        reported.getStatus().setMessage("waiting");
        queue.put(info(reported), at(2));
        assertThat(queue.take(at(2))).isNull();
        queue.put(info(pod("p", "tolerations: [{operator: Exists}]")), at(3));
        assertThat(queue.take(at(3))).isNotNull();
    }

    @Test
    void removedPodNeverComesBack() {
        queue.put(info(pod("p", "")), at(0));
        var taken = take(0);
        queue.remove("uid-p");
        queue.rejected(taken, Set.of("nodes"), at(0));
        queue.failed(taken, at(0));
        queue.on(NODE, at(60));
        queue.tick(at(600));
        assertThat(queue.take(at(600))).isNull();
        assertThat(queue.depths()).isEmpty();
    }
}
