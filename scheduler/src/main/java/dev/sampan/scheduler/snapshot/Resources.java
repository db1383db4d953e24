package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An amount of every resource. CPU in thousandths of a core, memory and ephemeral storage in bytes, anything else
 * (extended resources, huge pages, attachable volumes) in whole units. The {@code pods} resource is not in here: a pod
 * never requests it.
 */
public record Resources(long milliCpu, long memory, long ephemeralStorage, Map<String, Long> extended) {

    public static final Resources NONE = new Resources(0, 0, 0, Map.of());

    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    /** Reads a resource list; fractions are rounded up as Kubernetes does. */
    public static Resources of(@Nullable Map<String, Quantity> list) {
        if (list == null || list.isEmpty()) {
            return NONE;
        }
        long cpu = 0;
        long memory = 0;
        long storage = 0;
        Map<String, Long> extended = Map.of();
        for (var entry : list.entrySet()) {
            switch (entry.getKey()) {
                case "cpu" -> cpu = milli(entry.getValue());
                case "memory" -> memory = whole(entry.getValue());
                case "ephemeral-storage" -> storage = whole(entry.getValue());
                case "pods" -> {}
                default -> {
                    extended = extended.isEmpty() ? new HashMap<>() : extended;
                    extended.put(entry.getKey(), whole(entry.getValue()));
                }
            }
        }
        return new Resources(cpu, memory, storage, extended);
    }

    static long milli(Quantity quantity) {
        return roundUp(quantity.getNumericalAmount().multiply(THOUSAND));
    }

    static long whole(Quantity quantity) {
        return roundUp(quantity.getNumericalAmount());
    }

    private static long roundUp(BigDecimal value) {
        BigDecimal rounded = value.setScale(0, RoundingMode.CEILING);
        return rounded.compareTo(LARGEST) > 0 ? Long.MAX_VALUE : rounded.longValueExact();
    }

    public long extended(String name) {
        return extended.getOrDefault(name, 0L);
    }

    public Resources plus(Resources other) {
        return combine(other, Long::sum);
    }

    public Resources minus(Resources other) {
        return combine(other, (a, b) -> a - b);
    }

    /** The larger amount of each resource. */
    public Resources max(Resources other) {
        return combine(other, Math::max);
    }

    /** These amounts, with CPU and memory replaced by those of {@code other} where it names them. */
    Resources overriddenBy(Map<String, Quantity> other) {
        Quantity cpu = other.get("cpu");
        Quantity memoryAmount = other.get("memory");
        return new Resources(
                cpu == null ? milliCpu : milli(cpu),
                memoryAmount == null ? memory : whole(memoryAmount),
                ephemeralStorage,
                extended);
    }

    private Resources combine(Resources other, LongBinaryOperator operator) {
        return new Resources(
                operator.applyAsLong(milliCpu, other.milliCpu),
                operator.applyAsLong(memory, other.memory),
                operator.applyAsLong(ephemeralStorage, other.ephemeralStorage),
                combineExtended(other, operator));
    }

    private Map<String, Long> combineExtended(Resources other, LongBinaryOperator operator) {
        if (extended.isEmpty() && other.extended.isEmpty()) {
            return Map.of();
        }
        Map<String, Long> result = new HashMap<>(extended);
        for (var entry : other.extended.entrySet()) {
            result.put(entry.getKey(), operator.applyAsLong(extended(entry.getKey()), entry.getValue()));
        }
        return result;
    }
}
