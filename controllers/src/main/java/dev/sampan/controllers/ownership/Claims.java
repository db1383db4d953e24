package dev.sampan.controllers.ownership;

import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes possession of a controller's dependents: keeps its own that match, adopts matching orphans, releases its own that
 * match no more. The rules are those of Kubernetes' {@code BaseControllerRefManager}.
 */
public final class Claims {

    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final int NOT_FOUND = 404;
    private static final int INVALID = 422;

    private Claims() {}

    /** What to do with each candidate; candidates of other owners are in none of the lists. */
    public record Decision<T>(List<T> owned, List<T> adopt, List<T> release) {}

    /** The pure rule. {@code adoptable} says whether an orphan is worth adopting, besides matching. */
    public static <T extends HasMetadata> Decision<T> decide(
            HasMetadata owner,
            Predicate<Map<String, String>> selector,
            Collection<T> candidates,
            Predicate<T> adoptable) {
        var decision = new Decision<T>(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        boolean leaving = owner.getMetadata().getDeletionTimestamp() != null;
        for (var candidate : candidates) {
            var controller = Owners.controllerOf(candidate);
            boolean matches = selector.test(Selectors.labels(candidate));
            if (controller != null) {
                if (!Objects.equals(controller.getUid(), owner.getMetadata().getUid())) {
                    continue;
                }
                if (matches) {
                    decision.owned.add(candidate);
                } else if (!leaving) {
                    decision.release.add(candidate);
                }
            } else if (matches
                    && !leaving
                    && candidate.getMetadata().getDeletionTimestamp() == null
                    && adoptable.test(candidate)) {
                decision.adopt.add(candidate);
            }
        }
        return decision;
    }

    /**
     * Applies a decision and returns what the owner has now.
     *
     * @param live the owner read from the API, not from a cache; asked only before an adoption
     * @throws IllegalStateException when the live owner is another object or being deleted
     */
    public static <T extends HasMetadata, L extends KubernetesResourceList<T>, R extends Resource<T>> List<T> apply(
            HasMetadata owner,
            Decision<T> decision,
            MixedOperation<T, L, R> api,
            KubernetesSerialization json,
            Supplier<? extends @Nullable HasMetadata> live) {
        var mine = new ArrayList<>(decision.owned);
        if (!decision.adopt.isEmpty()) {
            requireAdopter(owner, live.get());
            for (var orphan : decision.adopt) {
                var adopted = patch(api, orphan, adoption(owner, orphan, json));
                if (adopted != null) {
                    mine.add(adopted);
                }
            }
        }
        for (var stray : decision.release) {
            LOG.debug("releasing {} {}", stray.getKind(), stray.getMetadata().getName());
            patch(api, stray, release(owner, stray, json));
        }
        return mine;
    }

    private static void requireAdopter(HasMetadata owner, @Nullable HasMetadata live) {
        if (live == null
                || !Objects.equals(
                        live.getMetadata().getUid(), owner.getMetadata().getUid())) {
            throw new IllegalStateException("original " + owner.getKind() + " "
                    + owner.getMetadata().getName() + " is gone: its orphans are not adopted");
        }
        if (live.getMetadata().getDeletionTimestamp() != null) {
            throw new IllegalStateException(owner.getKind() + " "
                    + owner.getMetadata().getName() + " is being deleted: orphans are not adopted");
        }
    }

    private static String adoption(HasMetadata owner, HasMetadata orphan, KubernetesSerialization json) {
        return json.asJson(Map.of(
                "metadata",
                Map.of(
                        "uid", orphan.getMetadata().getUid(),
                        "ownerReferences", List.of(Owners.controllerReference(owner)))));
    }

    private static String release(HasMetadata owner, HasMetadata stray, KubernetesSerialization json) {
        return json.asJson(Map.of(
                "metadata",
                Map.of(
                        "uid", stray.getMetadata().getUid(),
                        "ownerReferences",
                                List.of(Map.of(
                                        "$patch",
                                        "delete",
                                        "uid",
                                        owner.getMetadata().getUid())))));
    }

    /** The patched object; null when it is gone or has been replaced, which leaves nothing to claim. */
    private static <T extends HasMetadata, L extends KubernetesResourceList<T>, R extends Resource<T>> @Nullable
            T patch(MixedOperation<T, L, R> api, T object, String patch) {
        try {
            return api.inNamespace(object.getMetadata().getNamespace())
                    .withName(object.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND || e.getCode() == INVALID) {
                return null;
            }
            throw e;
        }
    }
}
