package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the node on which evicting the least important pods of lower priority makes room, as upstream's
 * DefaultPreemption.
 */
public final class Preemption {

    /** What preemption came to. */
    public sealed interface Outcome {

        /** Evict the victims and nominate the node. */
        record Evict(String node, List<PodInfo> victims) implements Outcome {}

        /** Nothing to do; the message completes the FailedScheduling event. */
        record NotPossible(String message, boolean keepNomination) implements Outcome {}
    }

    private static final int FEWEST_CANDIDATES = 100;
    private static final int CANDIDATE_PERCENTAGE = 10;

    private final DefaultProfile profile;

    public Preemption(DefaultProfile profile) {
        this.profile = profile;
    }

    /** @param diagnosis why the pod did not fit on the nodes of the same snapshot */
    public Outcome decide(PodInfo pod, Snapshot snapshot, Diagnosis diagnosis, RandomGenerator random) {
        String notEligible = notEligible(pod, snapshot, diagnosis);
        if (notEligible != null) {
            return new Outcome.NotPossible("preemption: " + notEligible, true);
        }
        List<NodeInfo> nodes = snapshot.nodes();
        List<Integer> promising = new ArrayList<>();
        @Nullable Rejection[] reasons = new Rejection[nodes.size()];
        for (int i = 0; i < nodes.size(); i++) {
            if (diagnosis.resolvable(i)) {
                promising.add(i);
            } else {
                reasons[i] = reason("Preemption is not helpful for scheduling", false);
            }
        }
        List<Candidate> candidates = promising.isEmpty()
                ? List.of()
                : dryRun(pod, snapshot, promising, reasons, random.nextInt(promising.size()));
        if (candidates.isEmpty()) {
            String histogram = Diagnosis.histogram(Arrays.asList(reasons));
            return new Outcome.NotPossible(
                    "preemption: 0/%d nodes are available: %s.".formatted(nodes.size(), histogram), false);
        }
        Candidate best = candidates.stream().min(Candidate.LEAST_HARM).orElseThrow();
        return new Outcome.Evict(best.node(), best.victims());
    }

    private static @Nullable String notEligible(PodInfo pod, Snapshot snapshot, Diagnosis diagnosis) {
        if (!pod.mayPreempt()) {
            return "not eligible due to preemptionPolicy=Never.";
        }
        String nominated = pod.nominatedNodeName();
        NodeInfo node = nominated == null ? null : snapshot.node(nominated);
        if (node != null) {
            Rejection rejection = diagnosis.rejections()[snapshot.position(node.name())];
            boolean hopeless = rejection != null && !rejection.resolvable();
            boolean victimsLeaving =
                    node.pods().stream().anyMatch(other -> other.terminating() && other.priority() < pod.priority());
            if (!hopeless && victimsLeaving) {
                return "not eligible due to a terminating pod on the nominated node.";
            }
        }
        return null;
    }

    private List<Candidate> dryRun(
            PodInfo pod, Snapshot snapshot, List<Integer> promising, @Nullable Rejection[] reasons, int offset) {
        PreparedFilters filters = PreparedFilters.of(profile.filters(), pod, snapshot);
        Disruptions disruptions = Disruptions.of(snapshot.budgets());
        int enough = Math.max(FEWEST_CANDIDATES, snapshot.nodes().size() * CANDIDATE_PERCENTAGE / 100);
        List<Candidate> found = new ArrayList<>();
        boolean harmless = false;
        for (int i = 0; i < promising.size() && !(found.size() >= enough && harmless); i++) {
            int position = promising.get((offset + i) % promising.size());
            switch (victimsOn(snapshot.nodes().get(position), pod, filters, disruptions)) {
                case Attempt.Found(var candidate) -> {
                    found.add(candidate);
                    harmless |= candidate.violations() == 0;
                }
                case Attempt.Failed(var rejection) -> reasons[position] = rejection;
            }
        }
        return found;
    }

    private sealed interface Attempt {
        record Found(Candidate candidate) implements Attempt {}

        record Failed(Rejection rejection) implements Attempt {}
    }

    /** Removes all pods of lower priority, then takes back as many as possible, the most important first. */
    private static Attempt victimsOn(NodeInfo node, PodInfo pod, PreparedFilters filters, Disruptions disruptions) {
        List<PodInfo> lower = new ArrayList<>();
        NodeInfo left = node;
        for (PodInfo other : node.pods()) {
            if (other.priority() < pod.priority()) {
                lower.add(other);
                left = left.without(other.uid());
            }
        }
        if (lower.isEmpty()) {
            return new Attempt.Failed(reason("No preemption victims found for incoming pod", false));
        }
        Rejection stillNot = filters.replacing(node, left).check(left);
        if (stillNot != null) {
            return new Attempt.Failed(stillNot);
        }
        lower.sort(Candidate.MORE_IMPORTANT_FIRST);
        Disruptions.Split split = disruptions.split(lower);
        List<PodInfo> victims = new ArrayList<>();
        int violations = 0;
        for (PodInfo other : split.violating()) {
            NodeInfo more = left.with(other);
            if (filters.replacing(node, more).check(more) == null) {
                left = more;
            } else {
                victims.add(other);
                violations++;
            }
        }
        for (PodInfo other : split.harmless()) {
            NodeInfo more = left.with(other);
            if (filters.replacing(node, more).check(more) == null) {
                left = more;
            } else {
                victims.add(other);
            }
        }
        victims.sort(Candidate.MORE_IMPORTANT_FIRST);
        return new Attempt.Found(new Candidate(node.name(), List.copyOf(victims), violations));
    }

    private static Rejection reason(String text, boolean resolvable) {
        return new Rejection("DefaultPreemption", List.of(text), resolvable);
    }
}
