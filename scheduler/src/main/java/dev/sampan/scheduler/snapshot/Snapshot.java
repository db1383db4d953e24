package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** The cluster at one moment: immutable, and cheap to make because it shares everything that did not change. */
public final class Snapshot {

    /** The parts that are not nodes, each an immutable map. */
    record Objects(
            PMap<String, Map<String, String>> namespaces,
            PMap<String, PersistentVolumeClaim> claims,
            PMap<String, PersistentVolume> volumes,
            PMap<String, StorageClass> storageClasses,
            PMap<String, PodDisruptionBudget> budgets) {

        static final Objects NONE = new Objects(
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty());
    }

    private final List<NodeInfo> nodes;
    private final Map<String, Integer> positions;
    private final Objects objects;
    private final PMap<String, List<PodInfo>> nominated;
    private final boolean anyAffinity;
    private final boolean anyRequiredAntiAffinity;
    private final UnaryOperator<PodMatcher> canonical;

    Snapshot(
            List<NodeInfo> nodes,
            Map<String, Integer> positions,
            Objects objects,
            PMap<String, List<PodInfo>> nominated,
            boolean anyAffinity,
            boolean anyRequiredAntiAffinity,
            UnaryOperator<PodMatcher> canonical) {
        this.nodes = nodes;
        this.positions = positions;
        this.objects = objects;
        this.nominated = nominated;
        this.anyAffinity = anyAffinity;
        this.anyRequiredAntiAffinity = anyRequiredAntiAffinity;
        this.canonical = canonical;
    }

    /** All nodes, those of different zones taking turns. */
    public List<NodeInfo> nodes() {
        return nodes;
    }

    public @Nullable NodeInfo node(String name) {
        Integer position = positions.get(name);
        return position == null ? null : nodes.get(position);
    }

    /** The node's place in {@link #nodes}, or -1. */
    public int position(String nodeName) {
        return positions.getOrDefault(nodeName, -1);
    }

    /** Whether any pod on any node has pod affinity of any kind; false lets plugins skip. */
    public boolean anyAffinity() {
        return anyAffinity;
    }

    public boolean anyRequiredAntiAffinity() {
        return anyRequiredAntiAffinity;
    }

    /** Labels of a namespace; empty when it is not known. */
    public Map<String, String> namespaceLabels(String namespace) {
        Map<String, String> labels = objects.namespaces.get(namespace);
        return labels == null ? Map.of() : labels;
    }

    /** The matcher with namespaces selected by label replaced by their names, ready for {@link NodeInfo#count}. */
    public PodMatcher resolve(PodMatcher pods) {
        return pods.selectsNamespaces() ? canonical.apply(pods.resolve(objects.namespaces)) : pods;
    }

    /** The pods that belong to all of the given sets, ready for {@link NodeInfo#count}. */
    public PodMatcher resolveAll(List<PodMatcher> sets) {
        return canonical.apply(PodMatcher.allOf(sets.stream().map(this::resolve).toList()));
    }

    public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
        return objects.claims.get(namespace + "/" + name);
    }

    public @Nullable PersistentVolume volume(String name) {
        return objects.volumes.get(name);
    }

    public Collection<PersistentVolume> volumes() {
        return objects.volumes.values();
    }

    public @Nullable StorageClass storageClass(String name) {
        return objects.storageClasses.get(name);
    }

    public Collection<PodDisruptionBudget> budgets() {
        return objects.budgets.values();
    }

    /** Pods that wait for room to be made for them on the node. */
    public List<PodInfo> nominated(String nodeName) {
        return nominated.getOrDefault(nodeName, List.of());
    }
}
