package dev.sampan.scheduler.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Orders nodes so that the first few of any stretch come from all zones. */
final class Zones {

    private static final String REGION = "topology.kubernetes.io/region";
    private static final String ZONE = "topology.kubernetes.io/zone";

    private Zones() {}

    static String of(NodeInfo node) {
        return node.labels().getOrDefault(REGION, "") + "/" + node.labels().getOrDefault(ZONE, "");
    }

    static List<NodeInfo> interleave(Collection<NodeInfo> nodes) {
        Map<String, Deque<NodeInfo>> byZone = new LinkedHashMap<>();
        for (NodeInfo node : nodes) {
            byZone.computeIfAbsent(of(node), z -> new ArrayDeque<>()).add(node);
        }
        List<NodeInfo> result = new ArrayList<>(nodes.size());
        while (result.size() < nodes.size()) {
            for (Deque<NodeInfo> zone : byZone.values()) {
                if (!zone.isEmpty()) {
                    result.add(zone.poll());
                }
            }
        }
        return result;
    }
}
