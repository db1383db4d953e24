package dev.sampan.scheduler.snapshot;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set of pods, by namespace and labels. Used as the key under which a node remembers how many of its pods match, so
 * its hash is computed once.
 */
public final class PodMatcher {

    private final Set<String> namespaces;
    private final @Nullable LabelMatcher namespaceSelector;
    private final LabelMatcher labels;
    private final boolean ignoreTerminating;
    private final List<PodMatcher> also;
    private final int hash;

    /**
     * @param namespaces names of namespaces whose pods can match
     * @param namespaceSelector further namespaces, by their labels; null for none
     * @param ignoreTerminating whether a pod that is being deleted does not match
     */
    public PodMatcher(
            Set<String> namespaces,
            @Nullable LabelMatcher namespaceSelector,
            LabelMatcher labels,
            boolean ignoreTerminating) {
        this(namespaces, namespaceSelector, labels, ignoreTerminating, List.of());
    }

    private PodMatcher(
            Set<String> namespaces,
            @Nullable LabelMatcher namespaceSelector,
            LabelMatcher labels,
            boolean ignoreTerminating,
            List<PodMatcher> also) {
        this.namespaces = namespaces;
        this.namespaceSelector = namespaceSelector;
        this.labels = labels;
        this.ignoreTerminating = ignoreTerminating;
        this.also = also;
        this.hash = (31 * namespaces.hashCode() + labels.hashCode()) * 31
                + (namespaceSelector == null ? 0 : namespaceSelector.hashCode())
                + (ignoreTerminating ? 1 : 0)
                + also.hashCode();
    }

    /** The pods that belong to all of the given sets; the list must not be empty. */
    public static PodMatcher allOf(List<PodMatcher> sets) {
        PodMatcher first = sets.getFirst();
        return sets.size() == 1
                ? first
                : new PodMatcher(
                        first.namespaces,
                        first.namespaceSelector,
                        first.labels,
                        first.ignoreTerminating,
                        List.copyOf(sets.subList(1, sets.size())));
    }

    /** Whether it needs {@link #resolve} before it can match without knowing the labels of namespaces. */
    public boolean selectsNamespaces() {
        return namespaceSelector != null && !namespaceSelector.equals(LabelMatcher.EVERYTHING);
    }

    /** The same set of pods with its namespace selector replaced by the names that it selects now. */
    PodMatcher resolve(Map<String, Map<String, String>> namespaceLabels) {
        LabelMatcher selector = namespaceSelector;
        if (selector == null || !selectsNamespaces()) {
            return this;
        }
        Set<String> names = new HashSet<>(namespaces);
        namespaceLabels.forEach((name, itsLabels) -> {
            if (selector.matches(itsLabels)) {
                names.add(name);
            }
        });
        return new PodMatcher(names, null, labels, ignoreTerminating);
    }

    /** Whether the pod belongs to the set; {@code namespaceLabels} are the labels of the pod's namespace. */
    public boolean matches(PodInfo pod, Map<String, String> namespaceLabels) {
        if (ignoreTerminating && pod.terminating()) {
            return false;
        }
        boolean namespaceMatches = namespaces.contains(pod.namespace())
                || (namespaceSelector != null && namespaceSelector.matches(namespaceLabels));
        return namespaceMatches
                && labels.matches(pod.labels())
                && also.stream().allMatch(other -> other.matches(pod, namespaceLabels));
    }

    /** As {@link #matches(PodInfo, Map)} for a matcher that does not select namespaces by label. */
    boolean matches(PodInfo pod) {
        return matches(pod, Map.of());
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof PodMatcher that
                        && hash == that.hash
                        && ignoreTerminating == that.ignoreTerminating
                        && namespaces.equals(that.namespaces)
                        && labels.equals(that.labels)
                        && also.equals(that.also)
                        && Objects.equals(namespaceSelector, that.namespaceSelector);
    }
}
