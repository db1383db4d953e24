package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Plugin;
import dev.sampan.scheduler.framework.ScorePlugin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The plugins that decide, in the order in which they are asked. Cheap filters that rule out much stand first.
 *
 * @param filters all must agree to a node
 * @param scores their weighted sum chooses among the nodes that are left
 */
public record DefaultProfile(List<FilterPlugin> filters, List<ScorePlugin> scores) {

    /** Kubernetes' default profile. */
    public static DefaultProfile create() {
        var taints = new TaintToleration();
        var affinity = new NodeAffinity();
        var spread = new PodTopologySpread();
        var neighbours = new InterPodAffinity();
        return new DefaultProfile(
                List.of(
                        new NodeUnschedulable(),
                        new NodeName(),
                        taints,
                        affinity,
                        new NodePorts(),
                        new NodeResourcesFit(),
                        new VolumeBinding(),
                        spread,
                        neighbours),
                List.of(taints, affinity, new LeastAllocated(), new BalancedAllocation(), spread, neighbours));
    }

    /** All plugins by name, each once. */
    public Map<String, Plugin> byName() {
        Map<String, Plugin> result = new LinkedHashMap<>();
        filters.forEach(plugin -> result.put(plugin.name(), plugin));
        scores.forEach(plugin -> result.putIfAbsent(plugin.name(), plugin));
        return result;
    }
}
