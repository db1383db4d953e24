package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a node for a pod: filter, then score. In a large cluster it stops filtering when it has enough candidates, as
 * upstream's percentageOfNodesToScore; the next pod goes on where this one stopped.
 */
public final class Placement {

    private static final int ALWAYS_LOOK_AT = 100;
    private static final int LOWEST_PERCENTAGE = 5;

    private final DefaultProfile profile;
    private final int percentageOfNodesToScore;

    /** @param percentageOfNodesToScore 1 to 100; 0 adapts to the size of the cluster: 50 % of 100 nodes, 10 % of 5,000 */
    public Placement(DefaultProfile profile, int percentageOfNodesToScore) {
        this.profile = profile;
        this.percentageOfNodesToScore = percentageOfNodesToScore;
    }

    /**
     * @param start position of the node to look at first
     * @param random breaks ties between nodes of equal score
     */
    public Decision decide(PodInfo pod, Snapshot snapshot, int start, RandomGenerator random) {
        int total = snapshot.nodes().size();
        PreparedFilters filters = PreparedFilters.of(profile.filters(), pod, snapshot);
        @Nullable Rejection[] rejections = new Rejection[total];
        if (total == 0 || filters.rejection() != null) {
            return new Decision.NoFit(new Diagnosis(rejections, filters.rejection()), start);
        }
        NodeInfo nominated = nominatedNode(pod, snapshot, filters);
        if (nominated != null) {
            return new Decision.Place(nominated.name(), 1, 1, start);
        }
        List<NodeInfo> feasible = new ArrayList<>();
        int evaluated = filters.onlyNodes() == null
                ? search(filters, start % total, rejections, feasible)
                : searchNamed(filters, rejections, feasible);
        int next = filters.onlyNodes() == null ? (start % total + evaluated) % total : start;
        if (feasible.isEmpty()) {
            return new Decision.NoFit(new Diagnosis(rejections, null), next);
        }
        NodeInfo best = feasible.size() == 1 ? feasible.getFirst() : best(pod, snapshot, feasible, random);
        return new Decision.Place(best.name(), evaluated, feasible.size(), next);
    }

    /** A pod for which room was made goes there if it can. */
    private static @Nullable NodeInfo nominatedNode(PodInfo pod, Snapshot snapshot, PreparedFilters filters) {
        String name = pod.nominatedNodeName();
        NodeInfo node = name == null ? null : snapshot.node(name);
        boolean asked = filters.onlyNodes() == null
                || (name != null && filters.onlyNodes().contains(name));
        return node != null && asked && filters.check(node) == null ? node : null;
    }

    private int search(PreparedFilters filters, int start, @Nullable Rejection[] rejections, List<NodeInfo> feasible) {
        List<NodeInfo> nodes = filters.snapshot().nodes();
        int enough = enoughOf(nodes.size());
        int evaluated = 0;
        while (evaluated < nodes.size() && feasible.size() < enough) {
            int position = (start + evaluated) % nodes.size();
            NodeInfo node = nodes.get(position);
            Rejection rejection = filters.check(node);
            if (rejection == null) {
                feasible.add(node);
            } else {
                rejections[position] = rejection;
            }
            evaluated++;
        }
        return evaluated;
    }

    private int searchNamed(PreparedFilters filters, @Nullable Rejection[] rejections, List<NodeInfo> feasible) {
        Snapshot snapshot = filters.snapshot();
        int evaluated = 0;
        for (String name : Objects.requireNonNull(filters.onlyNodes())) {
            NodeInfo node = snapshot.node(name);
            if (node != null) {
                evaluated++;
                Rejection rejection = filters.check(node);
                if (rejection == null) {
                    feasible.add(node);
                } else {
                    rejections[snapshot.position(name)] = rejection;
                }
            }
        }
        if (feasible.isEmpty()) {
            fillUnnamed(filters, rejections);
        }
        return evaluated;
    }

    /** The nodes that were not named count as mismatches in the message. */
    private static void fillUnnamed(PreparedFilters filters, @Nullable Rejection[] rejections) {
        Rejection mismatch =
                new Rejection("NodeAffinity", List.of("node(s) didn't match Pod's node affinity/selector"), false);
        for (int i = 0; i < rejections.length; i++) {
            String name = filters.snapshot().nodes().get(i).name();
            if (rejections[i] == null
                    && !Objects.requireNonNull(filters.onlyNodes()).contains(name)) {
                rejections[i] = mismatch;
            }
        }
    }

    /** How many feasible nodes end the search in a cluster of that size. */
    int enoughOf(int nodes) {
        if (nodes < ALWAYS_LOOK_AT || percentageOfNodesToScore >= 100) {
            return nodes;
        }
        int percentage =
                percentageOfNodesToScore > 0 ? percentageOfNodesToScore : Math.max(LOWEST_PERCENTAGE, 50 - nodes / 125);
        return Math.max(ALWAYS_LOOK_AT, nodes * percentage / 100);
    }

    private NodeInfo best(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible, RandomGenerator random) {
        long[] totals = new long[feasible.size()];
        long[] scores = new long[feasible.size()];
        for (ScorePlugin plugin : profile.scores()) {
            ScorePlugin.NodeScore scorer = plugin.prescore(pod, snapshot, feasible);
            if (scorer == null) {
                continue;
            }
            for (int i = 0; i < scores.length; i++) {
                scores[i] = scorer.score(feasible.get(i));
            }
            scorer.normalize(scores);
            for (int i = 0; i < scores.length; i++) {
                totals[i] += scores[i] * plugin.weight();
            }
        }
        return feasible.get(highest(totals, random));
    }

    /** Index of the highest total; each of several equals is as likely. */
    private static int highest(long[] totals, RandomGenerator random) {
        int best = 0;
        int equals = 1;
        for (int i = 1; i < totals.length; i++) {
            if (totals[i] > totals[best]) {
                best = i;
                equals = 1;
            } else if (totals[i] == totals[best] && random.nextInt(++equals) == 0) {
                best = i;
            }
        }
        return best;
    }
}
