package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The scheduler's picture of the cluster, kept up to date from watches and ahead of them by the pods it has just
 * assigned ("assumed"). Owned by one thread. An assumed pod whose binding was sent but never seen in the watch is
 * forgotten when its deadline passes.
 */
public final class ClusterCache {

    private static final int MATCHERS_REMEMBERED = 10_000;

    private record Placed(PodInfo pod, String node, boolean assumed) {}

    private final Map<String, Placed> placed = new HashMap<>();
    /** Bound but not yet seen in the watch: UID to the moment of giving up, oldest first. */
    private final Map<String, Instant> unconfirmed = new LinkedHashMap<>();

    private final Map<String, NodeInfo> nodes = new LinkedHashMap<>();
    /** Pods whose node has not been seen yet, by node name. */
    private final Map<String, Map<String, PodInfo>> homeless = new HashMap<>();

    private final Map<PodMatcher, PodMatcher> matchers = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PodMatcher, PodMatcher> eldest) {
            return size() > MATCHERS_REMEMBERED;
        }
    };
    private Snapshot.Objects objects = Snapshot.Objects.NONE;
    private PMap<String, List<PodInfo>> nominated = HashTreePMap.empty();
    private final Map<String, String> nominations = new HashMap<>();
    private int podsWithAffinity;
    private int podsWithRequiredAntiAffinity;

    private Map<String, Integer> positions = Map.of();
    private NodeInfo[] ordered = {};
    private boolean orderStale;
    private @Nullable Snapshot latest;

    /** The pod ready for scheduling, its matchers shared with those of other pods. */
    public PodInfo podInfo(Pod pod) {
        return PodInfo.of(pod, this::canonical);
    }

    private PodMatcher canonical(PodMatcher matcher) {
        PodMatcher known = matchers.putIfAbsent(matcher, matcher);
        return known == null ? matcher : known;
    }

    // Nodes

    /** Adds or replaces a node. */
    public NodeInfo putNode(Node node) {
        String name = node.getMetadata().getName();
        NodeInfo known = nodes.get(name);
        NodeInfo changed;
        if (known == null) {
            Map<String, PodInfo> waiting = homeless.remove(name);
            changed = NodeInfo.of(node, waiting == null ? List.of() : waiting.values());
            orderStale = true;
        } else {
            changed = known.withNode(node);
            orderStale |= !Zones.of(known).equals(Zones.of(changed));
        }
        set(name, changed);
        return changed;
    }

    public void removeNode(String name) {
        NodeInfo gone = nodes.remove(name);
        if (gone != null) {
            if (!gone.pods().isEmpty()) {
                Map<String, PodInfo> waiting = homeless.computeIfAbsent(name, n -> new LinkedHashMap<>());
                gone.pods().forEach(pod -> waiting.put(pod.uid(), pod));
            }
            orderStale = true;
            latest = null;
        }
    }

    public @Nullable NodeInfo node(String name) {
        return nodes.get(name);
    }

    // Pods on nodes

    /**
     * A pod that the API server says is bound; confirms or corrects an assumption.
     *
     * @return the pod as it was known before, or null
     */
    public @Nullable PodInfo putPod(PodInfo pod) {
        String node = Objects.requireNonNull(pod.nodeName(), "pod is not bound");
        PodInfo before = removePod(pod.uid());
        place(new Placed(pod, node, false));
        return before;
    }

    /** @return the pod that was there, or null */
    public @Nullable PodInfo removePod(String uid) {
        Placed known = placed.remove(uid);
        if (known == null) {
            return null;
        }
        unconfirmed.remove(uid);
        changePods(known, -1);
        return known.pod;
    }

    /** Counts the pod on the node before the API server knows. */
    public void assume(PodInfo pod, String node) {
        removePod(pod.uid());
        place(new Placed(pod, node, true));
    }

    /** Binding was accepted; if the watch has not confirmed it by the deadline the assumption ends. */
    public void bindingFinished(String uid, Instant deadline) {
        Placed known = placed.get(uid);
        if (known != null && known.assumed) {
            unconfirmed.put(uid, deadline);
        }
    }

    /** Takes back an assumption; a confirmed pod stays. Returns whether there was one. */
    public boolean forget(String uid) {
        Placed known = placed.get(uid);
        if (known == null || !known.assumed) {
            return false;
        }
        removePod(uid);
        return true;
    }

    public boolean assumed(String uid) {
        Placed known = placed.get(uid);
        return known != null && known.assumed;
    }

    /** Ends assumptions that are past their deadline and returns their pods. */
    public List<PodInfo> expire(Instant now) {
        List<PodInfo> expired = new ArrayList<>();
        while (!unconfirmed.isEmpty()) {
            var oldest = unconfirmed.entrySet().iterator().next();
            if (now.isBefore(oldest.getValue())) {
                break;
            }
            PodInfo pod = removePod(oldest.getKey());
            if (pod != null) {
                expired.add(pod);
            }
        }
        return expired;
    }

    private void place(Placed pod) {
        placed.put(pod.pod.uid(), pod);
        changePods(pod, 1);
    }

    private void changePods(Placed change, int sign) {
        PodInfo pod = change.pod;
        NodeInfo node = nodes.get(change.node);
        if (node != null) {
            set(change.node, sign > 0 ? node.with(pod) : node.without(pod.uid()));
        } else if (sign > 0) {
            homeless.computeIfAbsent(change.node, n -> new LinkedHashMap<>()).put(pod.uid(), pod);
        } else {
            homeless.computeIfPresent(change.node, (n, pods) -> {
                pods.remove(pod.uid());
                return pods.isEmpty() ? null : pods;
            });
        }
        podsWithAffinity += pod.affinities().isEmpty() ? 0 : sign;
        podsWithRequiredAntiAffinity += pod.affinities().requiredAnti().isEmpty() ? 0 : sign;
        latest = null;
    }

    private void set(String name, NodeInfo node) {
        nodes.put(name, node);
        if (!orderStale) {
            ordered[Objects.requireNonNull(positions.get(name))] = node;
        }
        latest = null;
    }

    // Nominations

    /** Remembers that room is being made for the pod on the node; null takes it back. */
    public void nominate(PodInfo pod, @Nullable String node) {
        String previous = nominations.remove(pod.uid());
        if (previous != null) {
            List<PodInfo> left = nominated.getOrDefault(previous, List.of()).stream()
                    .filter(p -> !p.uid().equals(pod.uid()))
                    .toList();
            nominated = left.isEmpty() ? nominated.minus(previous) : nominated.plus(previous, left);
        }
        if (node != null) {
            nominations.put(pod.uid(), node);
            List<PodInfo> more = new ArrayList<>(nominated.getOrDefault(node, List.of()));
            more.add(pod);
            nominated = nominated.plus(node, List.copyOf(more));
        }
        if (previous != null || node != null) {
            latest = null;
        }
    }

    public @Nullable String nomination(String uid) {
        return nominations.get(uid);
    }

    // Other objects

    public void putNamespace(Namespace namespace) {
        Map<String, String> labels = namespace.getMetadata().getLabels();
        change(objects.namespaces().plus(namespace.getMetadata().getName(), labels == null ? Map.of() : labels));
    }

    public void removeNamespace(String name) {
        change(objects.namespaces().minus(name));
    }

    private void change(PMap<String, Map<String, String>> namespaces) {
        set(new Snapshot.Objects(
                namespaces, objects.claims(), objects.volumes(), objects.storageClasses(), objects.budgets()));
    }

    public void putClaim(PersistentVolumeClaim claim) {
        changeClaims(objects.claims().plus(key(claim.getMetadata()), claim));
    }

    public void removeClaim(PersistentVolumeClaim claim) {
        changeClaims(objects.claims().minus(key(claim.getMetadata())));
    }

    private void changeClaims(PMap<String, PersistentVolumeClaim> claims) {
        set(new Snapshot.Objects(
                objects.namespaces(), claims, objects.volumes(), objects.storageClasses(), objects.budgets()));
    }

    public void putVolume(PersistentVolume volume) {
        changeVolumes(objects.volumes().plus(volume.getMetadata().getName(), volume));
    }

    public void removeVolume(String name) {
        changeVolumes(objects.volumes().minus(name));
    }

    private void changeVolumes(PMap<String, PersistentVolume> volumes) {
        set(new Snapshot.Objects(
                objects.namespaces(), objects.claims(), volumes, objects.storageClasses(), objects.budgets()));
    }

    public void putStorageClass(StorageClass storageClass) {
        changeClasses(objects.storageClasses().plus(storageClass.getMetadata().getName(), storageClass));
    }

    public void removeStorageClass(String name) {
        changeClasses(objects.storageClasses().minus(name));
    }

    private void changeClasses(PMap<String, StorageClass> classes) {
        set(new Snapshot.Objects(
                objects.namespaces(), objects.claims(), objects.volumes(), classes, objects.budgets()));
    }

    public void putBudget(PodDisruptionBudget budget) {
        changeBudgets(objects.budgets().plus(key(budget.getMetadata()), budget));
    }

    public void removeBudget(PodDisruptionBudget budget) {
        changeBudgets(objects.budgets().minus(key(budget.getMetadata())));
    }

    private void changeBudgets(PMap<String, PodDisruptionBudget> budgets) {
        set(new Snapshot.Objects(
                objects.namespaces(), objects.claims(), objects.volumes(), objects.storageClasses(), budgets));
    }

    private void set(Snapshot.Objects changed) {
        objects = changed;
        latest = null;
    }

    private static String key(io.fabric8.kubernetes.api.model.ObjectMeta meta) {
        return meta.getNamespace() + "/" + meta.getName();
    }

    // Snapshot

    /** The cluster now, assumed pods included. The same object while nothing changes. */
    public Snapshot snapshot() {
        Snapshot current = latest;
        if (current == null) {
            current = latest = makeSnapshot();
        }
        return current;
    }

    private Snapshot makeSnapshot() {
        if (orderStale) {
            List<NodeInfo> order = Zones.interleave(nodes.values());
            Map<String, Integer> places = HashMap.newHashMap(order.size());
            for (int i = 0; i < order.size(); i++) {
                places.put(order.get(i).name(), i);
            }
            ordered = order.toArray(NodeInfo[]::new);
            positions = places;
            orderStale = false;
        }
        return new Snapshot(
                Arrays.asList(ordered.clone()),
                positions,
                objects,
                nominated,
                podsWithAffinity > 0,
                podsWithRequiredAntiAffinity > 0,
                this::canonical);
    }
}
