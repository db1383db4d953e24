package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Plugin;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.AffinityTerm;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.PodMatcher;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The required terms of one pod, and those of the pods around that keep it away, counted over topology domains.
 *
 * @param near for each required term the pods that match all of them
 * @param nearPods the pods that match all required terms; null when there are none
 * @param selfMatch whether the pod would satisfy its own required terms, as the first of a group does
 * @param away for each anti-affinity term of the pod the pods that match it
 * @param unwelcome by topology key, the pods whose own anti-affinity keeps this pod away
 * @param keepsAway whether a term of another pod matches this pod
 */
record AffinityCheck(
        Plugin plugin,
        List<DomainCounts> near,
        @Nullable PodMatcher nearPods,
        boolean selfMatch,
        List<DomainCounts> away,
        List<PodMatcher> awayPods,
        Map<String, DomainCounts> unwelcome,
        Predicate<AffinityTerm> keepsAway)
        implements NodeCheck {

    static AffinityCheck of(Plugin plugin, PodInfo pod, Snapshot snapshot) {
        List<AffinityTerm> required = pod.affinities().required();
        PodMatcher nearPods = required.isEmpty()
                ? null
                : snapshot.resolveAll(required.stream().map(AffinityTerm::pods).toList());
        List<DomainCounts> near = new ArrayList<>();
        for (AffinityTerm term : required) {
            near.add(count(snapshot, term.topologyKey(), Objects.requireNonNull(nearPods)));
        }
        Map<String, String> namespaceLabels = snapshot.namespaceLabels(pod.namespace());
        List<DomainCounts> away = new ArrayList<>();
        List<PodMatcher> awayPods = new ArrayList<>();
        for (AffinityTerm term : pod.affinities().requiredAnti()) {
            PodMatcher pods = snapshot.resolve(term.pods());
            awayPods.add(pods);
            away.add(count(snapshot, term.topologyKey(), pods));
        }
        Map<PodMatcher, Boolean> known = new HashMap<>();
        Predicate<AffinityTerm> keepsAway =
                term -> known.computeIfAbsent(term.pods(), pods -> pods.matches(pod, namespaceLabels));
        return new AffinityCheck(
                plugin,
                near,
                nearPods,
                nearPods != null && nearPods.matches(pod, namespaceLabels),
                away,
                awayPods,
                unwelcome(snapshot, keepsAway),
                keepsAway);
    }

    private static DomainCounts count(Snapshot snapshot, String topologyKey, PodMatcher pods) {
        return DomainCounts.over(snapshot.nodes(), topologyKey, node -> node.count(pods));
    }

    private static Map<String, DomainCounts> unwelcome(Snapshot snapshot, Predicate<AffinityTerm> keepsAway) {
        Map<String, DomainCounts> result = new HashMap<>();
        if (snapshot.anyRequiredAntiAffinity()) {
            for (NodeInfo node : snapshot.nodes()) {
                addUnwelcome(result, node, keepsAway, 1);
            }
        }
        return result;
    }

    private static void addUnwelcome(
            Map<String, DomainCounts> counts, NodeInfo node, Predicate<AffinityTerm> keepsAway, int sign) {
        for (var term : node.termCounts().requiredAnti().entrySet()) {
            if (keepsAway.test(term.getKey())) {
                counts.computeIfAbsent(term.getKey().topologyKey(), DomainCounts::empty)
                        .add(node, sign * term.getValue());
            }
        }
    }

    @Override
    public @Nullable Rejection check(NodeInfo node) {
        if (!satisfiesNear(node)) {
            return Rejection.unresolvable(plugin, "node(s) didn't match pod affinity rules");
        }
        if (away.stream().anyMatch(counts -> counts.at(node) > 0)) {
            return Rejection.resolvable(plugin, "node(s) didn't match pod anti-affinity rules");
        }
        for (DomainCounts counts : unwelcome.values()) {
            if (counts.at(node) > 0) {
                return Rejection.resolvable(plugin, "node(s) didn't satisfy existing pods anti-affinity rules");
            }
        }
        return null;
    }

    private boolean satisfiesNear(NodeInfo node) {
        boolean all = true;
        for (DomainCounts counts : near) {
            if (node.label(counts.topologyKey()) == null) {
                return false;
            }
            all &= counts.at(node) > 0;
        }
        return all || (selfMatch && near.stream().allMatch(DomainCounts::isEmpty));
    }

    @Override
    public NodeCheck replacing(NodeInfo before, NodeInfo after) {
        List<DomainCounts> newNear = new ArrayList<>();
        PodMatcher matcher = nearPods;
        for (DomainCounts counts : near) {
            newNear.add(matcher == null ? counts : counts.plus(after, after.count(matcher) - before.count(matcher)));
        }
        List<DomainCounts> newAway = new ArrayList<>();
        for (int i = 0; i < away.size(); i++) {
            PodMatcher pods = awayPods.get(i);
            newAway.add(away.get(i).plus(after, after.count(pods) - before.count(pods)));
        }
        Map<String, DomainCounts> newUnwelcome = new HashMap<>();
        unwelcome.forEach(
                (key, counts) -> newUnwelcome.put(key, new DomainCounts(key, new HashMap<>(counts.counts()))));
        addUnwelcome(newUnwelcome, before, keepsAway, -1);
        addUnwelcome(newUnwelcome, after, keepsAway, 1);
        return new AffinityCheck(plugin, newNear, nearPods, selfMatch, newAway, awayPods, newUnwelcome, keepsAway);
    }
}
