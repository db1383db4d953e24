package dev.sampan.serving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests of random sizes, priorities and deadlines come and are taken, by a manual clock. What must hold whatever happens
 * is checked after every step; a failure prints its seed.
 */
class BatchQueueSimulationTest {
    private static final int STEPS = 5_000;
    private static final int MAX_ROWS = 60;

    private final BufferPool pool = new BufferPool(0);

    /** All that ever came, in order of arrival, and what became of it. */
    private static final class World {
        final BatchQueue queue = new BatchQueue(MAX_ROWS);
        final List<Pending> waiting = new ArrayList<>();
        final Map<Pending, String> ended = new HashMap<>();
        long now;
        int arrived;
        int refused;

        void end(Pending pending, String how) {
            assertThat(waiting.remove(pending)).as("was waiting").isTrue();
            assertThat(ended.put(pending, how)).as("ended once").isNull();
        }

        int rows() {
            return waiting.stream().mapToInt(pending -> pending.rows).sum();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 42, 4711})
    void everythingThatComesIsRunRefusedDisplacedOrLate(long seed) {
        var random = new SplittableRandom(seed);
        var world = new World();
        for (int step = 0; step < STEPS; step++) {
            world.now += random.nextInt(1000);
            if (random.nextInt(3) > 0) {
                arrive(world, random);
            } else {
                run(world, random.nextInt(1, 40));
            }
            assertThat(world.queue.rows()).as("seed %d, step %d", seed, step).isEqualTo(world.rows());
            assertThat(world.queue.isEmpty()).isEqualTo(world.waiting.isEmpty());
        }
        while (!world.queue.isEmpty()) {
            run(world, 10);
        }
        assertThat(world.waiting).isEmpty();
        assertThat(world.ended.size() + world.refused).isEqualTo(world.arrived);
        assertThat(new HashSet<>(world.ended.values())).as("seed %d", seed).contains("ran", "late", "displaced");
    }

    private void arrive(World world, SplittableRandom random) {
        long deadline = random.nextInt(4) == 0 ? world.now + random.nextInt(1, 8_000) : BufferScope.NO_DEADLINE;
        var scope = pool.scope(deadline, random.nextInt(1, BufferScope.PRIORITIES + 1));
        var pending = new Waiting(Map.of(), random.nextInt(1, 12), scope);
        world.arrived++;
        int before = world.rows();
        switch (world.queue.offer(pending)) {
            case BatchQueue.Admission.Accepted accepted -> {
                assertThat(before == 0 || before + pending.rows <= MAX_ROWS).isTrue();
                world.waiting.add(pending);
            }
            case BatchQueue.Admission.Displacing displacing -> {
                assertThat(before + pending.rows).isGreaterThan(MAX_ROWS);
                for (var other : displacing.displaced()) {
                    assertThat(other.buffers.priority()).isGreaterThan(pending.buffers.priority());
                    world.end(other, "displaced");
                }
                world.waiting.add(pending);
                assertThat(world.rows()).isLessThanOrEqualTo(MAX_ROWS);
            }
            case BatchQueue.Admission.Full full -> {
                assertThat(before + pending.rows).isGreaterThan(MAX_ROWS);
                int lessUrgent = world.waiting.stream()
                        .filter(other -> other.buffers.priority() > pending.buffers.priority())
                        .mapToInt(other -> other.rows)
                        .sum();
                assertThat(before - lessUrgent + pending.rows)
                        .as("no displacing would have made room")
                        .isGreaterThan(MAX_ROWS);
                world.refused++;
            }
        }
    }

    private static void run(World world, int limit) {
        for (var late : world.queue.expired(world.now)) {
            assertThat(late.buffers.expired(world.now)).isTrue();
            world.end(late, "late");
        }
        assertThat(world.waiting).noneMatch(pending -> pending.buffers.expired(world.now));
        var order = new ArrayList<>(world.waiting);
        order.sort((a, b) -> Integer.compare(a.buffers.priority(), b.buffers.priority()));
        var batch = world.queue.take(limit);
        assertThat(batch).as("the most urgent, in order of arrival").isEqualTo(order.subList(0, batch.size()));
        int rows = batch.stream().mapToInt(pending -> pending.rows).sum();
        assertThat(batch.size() <= 1 || rows <= limit).isTrue();
        if (batch.size() < order.size()) {
            assertThat(batch).isNotEmpty();
            assertThat(rows + order.get(batch.size()).rows)
                    .as("no room for the next")
                    .isGreaterThan(limit);
        }
        batch.forEach(pending -> world.end(pending, "ran"));
    }

    @Test
    void anEmptyQueueTakesAnyOneRequest() {
        var queue = new BatchQueue(4);
        assertThat(queue.offer(new Waiting(Map.of(), 9, pool.scope())))
                .isInstanceOf(BatchQueue.Admission.Accepted.class);
        assertThat(queue.offer(new Waiting(Map.of(), 1, pool.scope()))).isInstanceOf(BatchQueue.Admission.Full.class);
        assertThat(queue.take(4)).hasSize(1);
        assertThat(queue.first()).isNull();
    }
}
