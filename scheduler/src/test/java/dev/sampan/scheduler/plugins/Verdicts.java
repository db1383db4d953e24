package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks a plugin about every node of a snapshot. */
final class Verdicts {

    private Verdicts() {}

    /** Node name to "ok" or the reasons. */
    static Map<String, String> filter(FilterPlugin plugin, Pod pod, Snapshot snapshot) {
        Map<String, String> verdicts = new LinkedHashMap<>();
        Prefilter prefilter = plugin.prefilter(PodInfo.of(pod), snapshot);
        for (NodeInfo node : snapshot.nodes()) {
            verdicts.put(
                    node.name(),
                    switch (prefilter) {
                        case Prefilter.Skip _ -> "ok";
                        case Prefilter.Reject(var rejection) -> text(rejection);
                        case Prefilter.Check(var check) -> check(check, node);
                        case Prefilter.CheckOnly(var names, var check) ->
                            names.contains(node.name()) ? check(check, node) : "not asked";
                    });
        }
        return verdicts;
    }

    private static String check(NodeCheck check, NodeInfo node) {
        Rejection rejection = check.check(node);
        return rejection == null ? "ok" : text(rejection);
    }

    private static String text(Rejection rejection) {
        return String.join(", ", rejection.reasons()) + (rejection.resolvable() ? "" : " !");
    }

    /** Node name to normalized score; empty when the plugin has no preference. */
    static Map<String, Long> score(ScorePlugin plugin, Pod pod, Snapshot snapshot) {
        ScorePlugin.NodeScore scorer = plugin.prescore(PodInfo.of(pod), snapshot, snapshot.nodes());
        if (scorer == null) {
            return Map.of();
        }
        long[] scores = snapshot.nodes().stream().mapToLong(scorer::score).toArray();
        scorer.normalize(scores);
        Map<String, Long> result = new LinkedHashMap<>();
        for (int i = 0; i < scores.length; i++) {
            result.put(snapshot.nodes().get(i).name(), scores[i]);
        }
        return result;
    }
}
