package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pod with everything that scheduling asks about worked out once. Immutable; the pod must not be changed. */
public final class PodInfo {

    private final Pod pod;
    private final Map<String, String> labels;
    private final int priority;
    private final Resources requests;
    private final Resources scoringRequests;
    private final List<HostPort> hostPorts;
    private final List<Toleration> tolerations;
    private final LabelMatcher nodeSelector;
    private final @Nullable NodeMatcher requiredNodes;
    private final List<NodePreference> preferredNodes;
    private final PodAffinities affinities;
    private final List<SpreadConstraint> spread;
    private final List<String> claims;

    private PodInfo(Pod pod, PodAffinities affinities, List<SpreadConstraint> spread) {
        PodSpec spec = pod.getSpec();
        this.pod = pod;
        this.labels = labels(pod);
        this.priority = Objects.requireNonNullElse(spec.getPriority(), 0);
        this.requests = PodRequests.of(spec);
        this.scoringRequests = PodRequests.forScoring(spec);
        this.hostPorts = hostPorts(spec);
        this.tolerations = spec.getTolerations() == null ? List.of() : spec.getTolerations();
        this.nodeSelector = LabelMatcher.ofLabels(spec.getNodeSelector());
        NodeAffinity nodeAffinity =
                spec.getAffinity() == null ? null : spec.getAffinity().getNodeAffinity();
        this.requiredNodes =
                nodeAffinity == null || nodeAffinity.getRequiredDuringSchedulingIgnoredDuringExecution() == null
                        ? null
                        : NodeMatcher.of(nodeAffinity.getRequiredDuringSchedulingIgnoredDuringExecution());
        this.preferredNodes = preferredNodes(nodeAffinity);
        this.affinities = affinities;
        this.spread = spread;
        this.claims = claims(pod);
    }

    public static PodInfo of(Pod pod) {
        return of(pod, UnaryOperator.identity());
    }

    /** @param canonical makes equal matchers the same object, so that nodes find their counts quickly */
    static PodInfo of(Pod pod, UnaryOperator<PodMatcher> canonical) {
        String namespace = pod.getMetadata().getNamespace();
        Map<String, String> labels = labels(pod);
        var affinities =
                PodAffinities.of(pod.getSpec().getAffinity(), namespace, labels).map(canonical);
        var constraints = pod.getSpec().getTopologySpreadConstraints();
        List<SpreadConstraint> spread = constraints == null
                ? List.of()
                : constraints.stream()
                        .map(c -> SpreadConstraint.of(c, namespace, labels))
                        .map(c -> c.withPods(canonical.apply(c.pods())))
                        .toList();
        return new PodInfo(pod, affinities, spread);
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static List<HostPort> hostPorts(PodSpec spec) {
        List<HostPort> result = List.of();
        for (Container container : spec.getContainers()) {
            if (container.getPorts() == null) {
                continue;
            }
            for (var port : container.getPorts()) {
                if (port.getHostPort() != null && port.getHostPort() > 0) {
                    result = result.isEmpty() ? new ArrayList<>() : result;
                    result.add(HostPort.of(port.getHostIP(), port.getProtocol(), port.getHostPort()));
                }
            }
        }
        return result;
    }

    private static List<NodePreference> preferredNodes(@Nullable NodeAffinity affinity) {
        if (affinity == null || affinity.getPreferredDuringSchedulingIgnoredDuringExecution() == null) {
            return List.of();
        }
        return affinity.getPreferredDuringSchedulingIgnoredDuringExecution().stream()
                .map(p -> new NodePreference(p.getWeight(), NodeMatcher.Term.of(p.getPreference())))
                .toList();
    }

    private static List<String> claims(Pod pod) {
        if (pod.getSpec().getVolumes() == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getPersistentVolumeClaim() != null) {
                names.add(volume.getPersistentVolumeClaim().getClaimName());
            } else if (volume.getEphemeral() != null) {
                names.add(pod.getMetadata().getName() + "-" + volume.getName());
            }
        }
        return List.copyOf(names);
    }

    public Pod pod() {
        return pod;
    }

    public String uid() {
        return pod.getMetadata().getUid();
    }

    public String name() {
        return pod.getMetadata().getName();
    }

    public String namespace() {
        return pod.getMetadata().getNamespace();
    }

    /** {@code namespace/name}, for messages. */
    public String key() {
        return namespace() + "/" + name();
    }

    public Map<String, String> labels() {
        return labels;
    }

    public int priority() {
        return priority;
    }

    /** The node that the pod is bound to, or null. */
    public @Nullable String nodeName() {
        String name = pod.getSpec().getNodeName();
        return name == null || name.isEmpty() ? null : name;
    }

    /** The node on which room is being made for the pod, or null. */
    public @Nullable String nominatedNodeName() {
        String name = pod.getStatus() == null ? null : pod.getStatus().getNominatedNodeName();
        return name == null || name.isEmpty() ? null : name;
    }

    public boolean terminating() {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** Whether it has run to its end and so takes nothing of its node any more. */
    public boolean finished() {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    public boolean gated() {
        return pod.getSpec().getSchedulingGates() != null
                && !pod.getSpec().getSchedulingGates().isEmpty();
    }

    public boolean mayPreempt() {
        return !"Never".equals(pod.getSpec().getPreemptionPolicy());
    }

    /** When its node began to run it; creation when the node has not said, the far future when neither is known. */
    public Instant startTime() {
        String started = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
        String time = started == null ? pod.getMetadata().getCreationTimestamp() : started;
        return time == null ? Instant.MAX : Instant.parse(time);
    }

    public Resources requests() {
        return requests;
    }

    /** The requests, with small defaults where a container requests none; only for scores. */
    public Resources scoringRequests() {
        return scoringRequests;
    }

    public List<HostPort> hostPorts() {
        return hostPorts;
    }

    public List<Toleration> tolerations() {
        return tolerations;
    }

    public LabelMatcher nodeSelector() {
        return nodeSelector;
    }

    public @Nullable NodeMatcher requiredNodes() {
        return requiredNodes;
    }

    public List<NodePreference> preferredNodes() {
        return preferredNodes;
    }

    /** Whether nodeSelector and required node affinity both allow the node. */
    public boolean selects(NodeInfo node) {
        NodeMatcher required = requiredNodes;
        return nodeSelector.matches(node.labels()) && (required == null || required.matches(node));
    }

    public PodAffinities affinities() {
        return affinities;
    }

    public List<SpreadConstraint> spread() {
        return spread;
    }

    /** Names of the persistent volume claims that it mounts, those made for its ephemeral volumes included. */
    public List<String> claims() {
        return claims;
    }

    @Override
    public String toString() {
        return key();
    }
}
