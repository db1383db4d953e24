package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node with the pods on it and their sums. Immutable: adding a pod gives another NodeInfo. It remembers counts of
 * matching pods, which never change for one NodeInfo, so that a cycle over thousands of nodes recounts only those that
 * changed since the last.
 */
public final class NodeInfo {

    private final Node node;
    private final Map<String, String> labels;
    private final List<Taint> taints;
    private final Resources allocatable;
    private final long allowedPods;
    private final List<PodInfo> pods;
    private final List<PodInfo> podsWithAffinity;
    private final List<HostPort> hostPorts;
    private final Resources requested;
    private final Resources scoringRequested;
    private volatile Map<PodMatcher, Integer> counts = Map.of();
    private volatile @Nullable TermCounts termCounts;

    private NodeInfo(Static fixed, List<PodInfo> pods, Resources requested, Resources scoringRequested) {
        this.node = fixed.node;
        this.labels = fixed.labels;
        this.taints = fixed.taints;
        this.allocatable = fixed.allocatable;
        this.allowedPods = fixed.allowedPods;
        this.pods = pods;
        this.requested = requested;
        this.scoringRequested = scoringRequested;
        this.podsWithAffinity = subset(pods, p -> !p.affinities().isEmpty());
        this.hostPorts = hostPorts(pods);
    }

    /** What comes from the Node object and is shared by all versions that differ only in their pods. */
    private record Static(
            Node node, Map<String, String> labels, List<Taint> taints, Resources allocatable, long allowedPods) {}

    public static NodeInfo of(Node node) {
        return of(node, List.of());
    }

    public static NodeInfo of(Node node, Collection<PodInfo> pods) {
        Map<String, String> labels = node.getMetadata().getLabels();
        List<Taint> taints = node.getSpec() == null ? null : node.getSpec().getTaints();
        Map<String, Quantity> list =
                node.getStatus() == null ? null : node.getStatus().getAllocatable();
        if (list == null || list.isEmpty()) {
            list = node.getStatus() == null ? null : node.getStatus().getCapacity();
        }
        Quantity allowed = list == null ? null : list.get("pods");
        var fixed = new Static(
                node,
                labels == null ? Map.of() : labels,
                taints == null ? List.of() : taints,
                Resources.of(list),
                allowed == null ? 0 : Resources.whole(allowed));
        Resources requested = Resources.NONE;
        Resources scoring = Resources.NONE;
        for (PodInfo pod : pods) {
            requested = requested.plus(pod.requests());
            scoring = scoring.plus(pod.scoringRequests());
        }
        return new NodeInfo(fixed, List.copyOf(pods), requested, scoring);
    }

    private Static fixed() {
        return new Static(node, labels, taints, allocatable, allowedPods);
    }

    private static List<PodInfo> subset(List<PodInfo> pods, Predicate<PodInfo> condition) {
        List<PodInfo> result = List.of();
        for (PodInfo pod : pods) {
            if (condition.test(pod)) {
                result = result.isEmpty() ? new ArrayList<>() : result;
                result.add(pod);
            }
        }
        return result;
    }

    private static List<HostPort> hostPorts(List<PodInfo> pods) {
        List<HostPort> result = List.of();
        for (PodInfo pod : pods) {
            if (!pod.hostPorts().isEmpty()) {
                result = result.isEmpty() ? new ArrayList<>() : result;
                result.addAll(pod.hostPorts());
            }
        }
        return result;
    }

    /** This node with one more pod. */
    public NodeInfo with(PodInfo pod) {
        List<PodInfo> more = new ArrayList<>(pods.size() + 1);
        more.addAll(pods);
        more.add(pod);
        return new NodeInfo(
                fixed(), more, requested.plus(pod.requests()), scoringRequested.plus(pod.scoringRequests()));
    }

    /** This node without the pod of that UID; itself when there is none. */
    public NodeInfo without(String uid) {
        for (int i = 0; i < pods.size(); i++) {
            PodInfo pod = pods.get(i);
            if (pod.uid().equals(uid)) {
                List<PodInfo> fewer = new ArrayList<>(pods);
                fewer.remove(i);
                return new NodeInfo(
                        fixed(), fewer, requested.minus(pod.requests()), scoringRequested.minus(pod.scoringRequests()));
            }
        }
        return this;
    }

    /** The same pods on a changed Node object. */
    NodeInfo withNode(Node changed) {
        return of(changed, pods);
    }

    /**
     * How many of the node's pods match.
     *
     * @param pods must not select namespaces by their labels ({@link Snapshot#resolve} first)
     */
    public int count(PodMatcher pods) {
        Integer known = counts.get(pods);
        if (known != null) {
            return known;
        }
        int count = 0;
        for (PodInfo pod : this.pods) {
            if (pods.matches(pod)) {
                count++;
            }
        }
        Map<PodMatcher, Integer> more = new HashMap<>(counts);
        more.put(pods, count);
        counts = more;
        return count;
    }

    /** How many of the node's pods have each affinity term, so that equal terms are looked at once. */
    public record TermCounts(
            Map<AffinityTerm, Integer> required,
            Map<AffinityTerm, Integer> requiredAnti,
            Map<AffinityTerm, Integer> preferred) {

        private static final TermCounts NONE = new TermCounts(Map.of(), Map.of(), Map.of());
    }

    public TermCounts termCounts() {
        if (podsWithAffinity.isEmpty()) {
            return TermCounts.NONE;
        }
        TermCounts known = termCounts;
        if (known == null) {
            known = new TermCounts(new HashMap<>(), new HashMap<>(), new HashMap<>());
            for (PodInfo pod : podsWithAffinity) {
                pod.affinities().required().forEach(count(known.required));
                pod.affinities().requiredAnti().forEach(count(known.requiredAnti));
                pod.affinities().preferred().forEach(count(known.preferred));
            }
            termCounts = known;
        }
        return known;
    }

    private static Consumer<AffinityTerm> count(Map<AffinityTerm, Integer> counts) {
        return term -> counts.merge(term, 1, Integer::sum);
    }

    public Node node() {
        return node;
    }

    public String name() {
        return node.getMetadata().getName();
    }

    public Map<String, String> labels() {
        return labels;
    }

    public @Nullable String label(String key) {
        return labels.get(key);
    }

    public List<Taint> taints() {
        return taints;
    }

    public boolean unschedulable() {
        return node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    public Resources allocatable() {
        return allocatable;
    }

    /** How many pods the node takes; 0 when it does not say. */
    public long allowedPods() {
        return allowedPods;
    }

    public Resources requested() {
        return requested;
    }

    public Resources scoringRequested() {
        return scoringRequested;
    }

    public List<PodInfo> pods() {
        return pods;
    }

    public List<HostPort> hostPorts() {
        return hostPorts;
    }

    @Override
    public String toString() {
        return name();
    }
}
