package dev.sampan.controllers.namespace;

import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** How far the deletion of a namespace's content is, as conditions that a user can read. */
final class NamespaceConditions {

    private NamespaceConditions() {}

    /**
     * @param discoveryFailures groups that could not be asked
     * @param deletionFailures why some content was not deleted
     * @param remaining number of objects left of each resource, named {@code resource.group}
     * @param finalizers number of objects that wait for each finalizer
     */
    record Progress(
            List<String> discoveryFailures,
            List<String> deletionFailures,
            Map<String, Integer> remaining,
            Map<String, Integer> finalizers) {

        boolean isEmpty() {
            return discoveryFailures.isEmpty() && deletionFailures.isEmpty() && remaining.isEmpty();
        }
    }

    static List<NamespaceCondition> of(List<NamespaceCondition> before, Progress progress, Instant now) {
        var conditions = new ArrayList<NamespaceCondition>();
        var discovery = progress.discoveryFailures();
        conditions.add(condition(
                "NamespaceDeletionDiscoveryFailure",
                !discovery.isEmpty(),
                discovery.isEmpty() ? "ResourcesDiscovered" : "DiscoveryFailed",
                discovery.isEmpty()
                        ? "All resources successfully discovered"
                        : "Discovery failed for some groups, " + discovery.size() + " failing: "
                                + String.join(", ", discovery)));
        conditions.add(condition(
                "NamespaceDeletionGroupVersionParsingFailure",
                false,
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed"));
        var failures = progress.deletionFailures();
        conditions.add(condition(
                "NamespaceDeletionContentFailure",
                !failures.isEmpty(),
                failures.isEmpty() ? "ContentDeleted" : "ContentDeletionFailed",
                failures.isEmpty()
                        ? "All content successfully deleted, may be waiting on finalization"
                        : "Failed to delete all resource types, " + failures.size() + " remaining: "
                                + String.join(", ", failures)));
        conditions.add(condition(
                "NamespaceContentRemaining",
                !progress.remaining().isEmpty(),
                progress.remaining().isEmpty() ? "ContentRemoved" : "SomeResourcesRemain",
                progress.remaining().isEmpty()
                        ? "All content successfully removed"
                        : "Some resources are remaining: " + list(progress.remaining(), "has")));
        conditions.add(condition(
                "NamespaceFinalizersRemaining",
                !progress.finalizers().isEmpty(),
                progress.finalizers().isEmpty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                progress.finalizers().isEmpty()
                        ? "All content-preserving finalizers finished"
                        : "Some content in the namespace has finalizers remaining: "
                                + list(progress.finalizers(), "in")));
        return conditions.stream().map(c -> keepTime(before, c, now)).toList();
    }

    private static String list(Map<String, Integer> counts, String verb) {
        var parts = new ArrayList<String>();
        new TreeMap<>(counts)
                .forEach((name, count) -> parts.add(name + " " + verb + " " + count + " resource instances"));
        return String.join(", ", parts);
    }

    private static NamespaceCondition condition(String type, boolean status, String reason, String message) {
        return new NamespaceConditionBuilder()
                .withType(type)
                .withStatus(status ? "True" : "False")
                .withReason(reason)
                .withMessage(message)
                .build();
    }

    private static NamespaceCondition keepTime(
            List<NamespaceCondition> before, NamespaceCondition condition, Instant now) {
        condition.setLastTransitionTime(before.stream()
                .filter(c -> Objects.equals(c.getType(), condition.getType())
                        && Objects.equals(c.getStatus(), condition.getStatus()))
                .map(NamespaceCondition::getLastTransitionTime)
                .findFirst()
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString()));
        return condition;
    }
}
