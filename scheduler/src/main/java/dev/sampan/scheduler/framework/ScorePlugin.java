package dev.sampan.scheduler.framework;

import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Prefers some nodes to others. */
public interface ScorePlugin extends Plugin {

    /** Highest score of one plugin for one node, before its weight. */
    long MAX_SCORE = 100;

    /** Factor of this plugin's scores in the sum. */
    int weight();

    /** @return null when every node is as good as the other for this pod */
    @Nullable
    NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible);

    /** A scorer prepared for one pod and one snapshot. */
    @FunctionalInterface
    interface NodeScore {

        long score(NodeInfo node);

        /** Brings raw scores of all feasible nodes into 0..{@link #MAX_SCORE}. */
        default void normalize(long[] scores) {}

        /** A scorer whose raw scores are scaled so that the best becomes the maximum. */
        static NodeScore scaled(ToLongFunction<NodeInfo> raw, boolean lowIsGood) {
            return new NodeScore() {
                @Override
                public long score(NodeInfo node) {
                    return raw.applyAsLong(node);
                }

                @Override
                public void normalize(long[] scores) {
                    scaleToMax(scores, lowIsGood);
                }
            };
        }
    }

    private static void scaleToMax(long[] scores, boolean lowIsGood) {
        long max = 0;
        for (long score : scores) {
            max = Math.max(max, score);
        }
        for (int i = 0; i < scores.length; i++) {
            long scaled = max == 0 ? 0 : scores[i] * MAX_SCORE / max;
            scores[i] = lowIsGood ? MAX_SCORE - scaled : scaled;
        }
    }
}
