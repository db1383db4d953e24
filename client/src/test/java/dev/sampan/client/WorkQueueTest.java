package dev.sampan.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.client.testing.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

    private final ManualTimers time = new ManualTimers();
    private final WorkQueue<String> queue = new WorkQueue<>(time);

    @Test
    void aKeyWaitsOnce() {
        queue.add("a");
        queue.add("b");
        queue.add("a");
        assertThat(queue.poll()).isEqualTo("a");
        assertThat(queue.poll()).isEqualTo("b");
        assertThat(queue.poll()).isNull();
    }

    @Test
    void aKeyAddedDuringWorkComesAgainAfterIt() {
        queue.add("a");
        assertThat(queue.poll()).isEqualTo("a");
        queue.add("a");
        queue.add("a");
        assertThat(queue.poll()).isNull();
        queue.done("a");
        assertThat(queue.poll()).isEqualTo("a");
        queue.done("a");
        assertThat(queue.poll()).isNull();
        assertThat(queue.idle()).isTrue();
    }

    @Test
    void theEarliestDelayCounts() {
        queue.addAfter("a", Duration.ofSeconds(10));
        queue.addAfter("a", Duration.ofSeconds(5));
        queue.addAfter("a", Duration.ofSeconds(20));
        time.advance(Duration.ofSeconds(5));
        assertThat(queue.poll()).isEqualTo("a");
        queue.done("a");
        time.advance(Duration.ofMinutes(1));
        assertThat(queue.poll()).isNull();
    }

    @Test
    void failuresDoubleTheDelayUpToTheLimit() {
        long expected = 5;
        for (int i = 0; i < 60; i++) {
            queue.addRateLimited("a");
            assertThat(time.nextDue()).isEqualTo(time.instant().plusMillis(expected));
            time.advance(Duration.ofMillis(expected));
            assertThat(queue.poll()).isEqualTo("a");
            queue.done("a");
            expected = Math.min(expected * 2, 1_000_000);
        }
        queue.forget("a");
        queue.addRateLimited("a");
        assertThat(time.nextDue()).isEqualTo(time.instant().plusMillis(5));
    }

    @Test
    void aClosedQueueGivesNothing() throws InterruptedException {
        queue.add("a");
        queue.close();
        assertThat(queue.take()).isNull();
    }
}
