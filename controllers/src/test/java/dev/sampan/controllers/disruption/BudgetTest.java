package dev.sampan.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

    private static PodDisruptionBudget budget(String min, String max, Map<String, String> disrupted) {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withName("b")
                .withGeneration(4L)
                .endMetadata()
                .withNewSpec()
                .withMinAvailable(value(min))
                .withMaxUnavailable(value(max))
                .endSpec()
                .withNewStatus()
                .withDisruptedPods(disrupted)
                .endStatus()
                .build();
    }

    @SuppressWarnings("NullAway") // fabric8's builders take null for what is not set
    private static IntOrString value(String text) {
        return text.isEmpty()
                ? null
                : text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.valueOf(text));
    }

    private static Pod pod(int number, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p" + number)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }

    private static List<Pod> pods(int count, int ready) {
        return IntStream.range(0, count).mapToObj(i -> pod(i, i < ready)).toList();
    }

    @ParameterizedTest
    @CsvSource({
        // min, max, pods, ready, scale: expected, desired, allowed
        "'2', '',    3, 3, 9,  3, 2, 1",
        "'2', '',    3, 2, 9,  3, 2, 0",
        "'2', '',    3, 1, 9,  3, 2, 0",
        "'50%', '',  3, 3, 5,  5, 3, 0",
        "'50%', '',  5, 5, 5,  5, 3, 2",
        "'', '1',    3, 3, 3,  3, 2, 1",
        "'', '1',    2, 2, 3,  3, 2, 0",
        "'', '30%',  4, 4, 4,  4, 2, 2",
        "'', '5',    3, 3, 3,  3, 0, 3",
        "'', '0',    3, 3, 3,  3, 3, 0",
        "'', '1',    0, 0, 0,  0, 0, 0"
    })
    void countsWhatMayGo(
            String min, String max, int count, int ready, int scale, int expected, int desired, int allowed) {
        var status = Budget.decide(budget(min, max, Map.of()), pods(count, ready), scale, NOW);

        assertThat(status.getExpectedPods()).isEqualTo(expected);
        assertThat(status.getDesiredHealthy()).isEqualTo(desired);
        assertThat(status.getCurrentHealthy()).isEqualTo(ready);
        assertThat(status.getDisruptionsAllowed()).isEqualTo(allowed);
        assertThat(status.getObservedGeneration()).isEqualTo(4);
        assertThat(status.getConditions())
                .singleElement()
                .satisfies(c -> assertThat(c.getStatus() + c.getReason())
                        .isEqualTo(allowed > 0 ? "TrueSufficientPods" : "FalseInsufficientPods"));
    }

    @Test
    void aPodThatIsBeingEvictedIsNotHealthyUntilTheEvictionIsForgotten() {
        var disrupted = Map.of(
                "p0", "2026-01-01T00:09:30Z", // on its way
                "p1", "2026-01-01T00:07:00Z", // never came to pass
                "gone", "2026-01-01T00:09:30Z");

        var status = Budget.decide(budget("1", "", disrupted), pods(3, 3), 0, NOW);

        assertThat(status.getCurrentHealthy()).isEqualTo(2);
        assertThat(status.getDisruptionsAllowed()).isEqualTo(1);
        assertThat(status.getDisruptedPods()).containsOnlyKeys("p0");
    }

    @Test
    void nothingMayGoWhileTheScaleIsUnknown() {
        var status = Budget.unknown(budget("", "1", Map.of()), "why", NOW);

        assertThat(status.getDisruptionsAllowed()).isZero();
        assertThat(status.getConditions())
                .singleElement()
                .satisfies(
                        c -> assertThat(c.getReason() + ": " + c.getMessage()).isEqualTo("SyncFailed: why"));
    }
}
