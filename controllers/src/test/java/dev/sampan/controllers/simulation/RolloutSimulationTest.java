package dev.sampan.controllers.simulation;

import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/**
 * Rolling updates keep their promises whatever goes wrong. More seeds with {@code -Dsimulation.seeds=5000}, one with
 * {@code -Dsimulation.seed=17}.
 */
class RolloutSimulationTest {

    private static final int SEEDS = Integer.getInteger("simulation.seeds", 200);
    private static final Duration GAP = Duration.ofHours(1);

    @Test
    void promisesHold() {
        var time = new ManualTimers();
        try (var api = TestApi.start(time)) {
            var only = Long.getLong("simulation.seed");
            long first = only == null ? 1 : only;
            long last = only == null ? SEEDS : only;
            for (long seed = first; seed <= last; seed++) {
                run(api, time, seed);
            }
        }
    }

    private static void run(TestApi api, ManualTimers time, long seed) {
        try (var simulation = new Simulation(api, time, seed)) {
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ": " + e.getMessage() + "; the last writes were\n" + simulation.trace(), e);
            }
        }
        // Each seed starts at a full hour: times are told in whole seconds, so a fraction would make a difference.
        var next = time.instant().plus(GAP).truncatedTo(ChronoUnit.HOURS);
        time.advance(Duration.between(time.instant(), next));
    }
}
