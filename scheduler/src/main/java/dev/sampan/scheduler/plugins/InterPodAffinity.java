package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.AffinityTerm;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts pods near to, or away from, other pods. */
final class InterPodAffinity implements FilterPlugin, ScorePlugin {

    @Override
    public String name() {
        return "InterPodAffinity";
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        boolean nothingWanted = pod.affinities().required().isEmpty()
                && pod.affinities().requiredAnti().isEmpty();
        if (nothingWanted && !snapshot.anyRequiredAntiAffinity()) {
            return Prefilter.SKIP;
        }
        return new Prefilter.Check(AffinityCheck.of(this, pod, snapshot));
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        if (pod.affinities().preferred().isEmpty() && !snapshot.anyAffinity()) {
            return null;
        }
        Map<String, Map<String, Long>> scores = AffinityScores.of(pod, snapshot);
        if (scores.isEmpty()) {
            return null;
        }
        return new NodeScore() {
            @Override
            public long score(NodeInfo node) {
                return AffinityScores.at(node, scores);
            }

            @Override
            public void normalize(long[] raw) {
                AffinityScores.spreadOverRange(raw, MAX_SCORE);
            }
        };
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return switch (event) {
            case ClusterEvent.NodeChanged(var before, var after) ->
                before == null || !before.labels().equals(after.labels());
            case ClusterEvent.PodPlaced(var placed) -> wantsNear(pod, placed);
            case ClusterEvent.PodGone(var gone) -> keepsAway(pod, gone) || keepsAway(gone, pod);
            case ClusterEvent.NamespaceChanged _ -> true;
            case ClusterEvent.ClaimChanged _, ClusterEvent.StorageChanged _ -> false;
        };
    }

    private static boolean wantsNear(PodInfo pod, PodInfo placed) {
        return anyMatches(pod.affinities().required(), placed);
    }

    private static boolean keepsAway(PodInfo pod, PodInfo other) {
        return anyMatches(pod.affinities().requiredAnti(), other);
    }

    /** Errs on the side of waking: a term that selects namespaces by label counts as matching. */
    private static boolean anyMatches(List<AffinityTerm> terms, PodInfo other) {
        return terms.stream()
                .anyMatch(t -> t.pods().selectsNamespaces() || t.pods().matches(other, Map.of()));
    }
}
