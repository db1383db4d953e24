package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.snapshot.NodeInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** How many pods there are in each topology domain, a domain being the nodes with one value of a label. */
record DomainCounts(String topologyKey, Map<String, Integer> counts) {

    static DomainCounts empty(String topologyKey) {
        return new DomainCounts(topologyKey, new HashMap<>());
    }

    static DomainCounts over(Iterable<NodeInfo> nodes, String topologyKey, ToIntFunction<NodeInfo> count) {
        DomainCounts result = empty(topologyKey);
        for (NodeInfo node : nodes) {
            result.add(node, count.applyAsInt(node));
        }
        return result;
    }

    /** Adds to the node's domain; a node without the label is in none. */
    void add(NodeInfo node, int amount) {
        String domain = node.label(topologyKey);
        if (domain != null && amount != 0) {
            counts.merge(domain, amount, Integer::sum);
        }
    }

    DomainCounts plus(NodeInfo node, int amount) {
        if (amount == 0) {
            return this;
        }
        DomainCounts changed = new DomainCounts(topologyKey, new HashMap<>(counts));
        changed.add(node, amount);
        return changed;
    }

    /** Pods in the node's domain; 0 when it is in none. */
    int at(NodeInfo node) {
        @Nullable String domain = node.label(topologyKey);
        return domain == null ? 0 : counts.getOrDefault(domain, 0);
    }

    boolean isEmpty() {
        return counts.values().stream().allMatch(count -> count == 0);
    }
}
