package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.snapshot.PodInfo;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * A node and the pods that would have to leave it.
 *
 * @param victims the most important first
 * @param violations how many of them a disruption budget protects
 */
record Candidate(String node, List<PodInfo> victims, int violations) {

    static final Comparator<PodInfo> MORE_IMPORTANT_FIRST =
            Comparator.comparingInt(PodInfo::priority).reversed().thenComparing(PodInfo::startTime);

    /** Upstream's order: budgets, highest priority, sum of priorities, number, then the one that runs shortest. */
    static final Comparator<Candidate> LEAST_HARM = Comparator.comparingInt(Candidate::violations)
            .thenComparingInt(Candidate::highestPriority)
            .thenComparingLong(Candidate::sumOfPriorities)
            .thenComparingInt(c -> c.victims.size())
            .thenComparing(Candidate::earliestStartOfHighest, Comparator.reverseOrder());

    private int highestPriority() {
        return victims.isEmpty() ? Integer.MIN_VALUE : victims.getFirst().priority();
    }

    /** Shifted so that negative priorities still count as more when there are more of them. */
    private long sumOfPriorities() {
        return victims.stream()
                .mapToLong(victim -> (long) victim.priority() + Integer.MAX_VALUE + 1L)
                .sum();
    }

    private Instant earliestStartOfHighest() {
        return victims.stream()
                .filter(victim -> victim.priority() == highestPriority())
                .map(PodInfo::startTime)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }
}
