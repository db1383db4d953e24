package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.snapshot.AffinityTerm;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.PodMatcher;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.HashMap;
import java.util.Map;

/** Weights of preferred affinity summed over topology domains, both ways: what the pod wants and what others want. */
final class AffinityScores {

    /** What a required affinity term of another pod is worth when it matches this pod; upstream's default. */
    private static final int REQUIRED_TERM_WEIGHT = 1;

    private AffinityScores() {}

    /** Topology key to domain to summed weight. */
    static Map<String, Map<String, Long>> of(PodInfo pod, Snapshot snapshot) {
        Map<String, Map<String, Long>> scores = new HashMap<>();
        for (AffinityTerm term : pod.affinities().preferred()) {
            PodMatcher pods = snapshot.resolve(term.pods());
            for (NodeInfo node : snapshot.nodes()) {
                add(scores, node, term.topologyKey(), (long) term.weight() * node.count(pods));
            }
        }
        if (snapshot.anyAffinity()) {
            addWishesOfOthers(scores, pod, snapshot);
        }
        return scores;
    }

    private static void addWishesOfOthers(Map<String, Map<String, Long>> scores, PodInfo pod, Snapshot snapshot) {
        Map<String, String> namespaceLabels = snapshot.namespaceLabels(pod.namespace());
        Map<PodMatcher, Boolean> known = new HashMap<>();
        for (NodeInfo node : snapshot.nodes()) {
            var terms = node.termCounts();
            for (var preferred : terms.preferred().entrySet()) {
                AffinityTerm term = preferred.getKey();
                if (known.computeIfAbsent(term.pods(), pods -> pods.matches(pod, namespaceLabels))) {
                    add(scores, node, term.topologyKey(), (long) term.weight() * preferred.getValue());
                }
            }
            for (var required : terms.required().entrySet()) {
                AffinityTerm term = required.getKey();
                if (known.computeIfAbsent(term.pods(), pods -> pods.matches(pod, namespaceLabels))) {
                    add(scores, node, term.topologyKey(), (long) REQUIRED_TERM_WEIGHT * required.getValue());
                }
            }
        }
    }

    private static void add(Map<String, Map<String, Long>> scores, NodeInfo node, String topologyKey, long weight) {
        String domain = node.label(topologyKey);
        if (domain != null && weight != 0) {
            scores.computeIfAbsent(topologyKey, k -> new HashMap<>()).merge(domain, weight, Long::sum);
        }
    }

    static long at(NodeInfo node, Map<String, Map<String, Long>> scores) {
        long sum = 0;
        for (var byDomain : scores.entrySet()) {
            String domain = node.label(byDomain.getKey());
            if (domain != null) {
                sum += byDomain.getValue().getOrDefault(domain, 0L);
            }
        }
        return sum;
    }

    /** The lowest becomes 0 and the highest {@code max}; all equal become 0. */
    static void spreadOverRange(long[] scores, long max) {
        long lowest = Long.MAX_VALUE;
        long highest = Long.MIN_VALUE;
        for (long score : scores) {
            lowest = Math.min(lowest, score);
            highest = Math.max(highest, score);
        }
        long range = highest - lowest;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = range <= 0 ? 0 : max * (scores[i] - lowest) / range;
        }
    }
}
