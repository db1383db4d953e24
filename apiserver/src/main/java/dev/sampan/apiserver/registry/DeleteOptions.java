package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.schema.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * How an object is to be deleted.
 *
 * @param gracePeriodSeconds null for the kind's default
 * @param propagation what becomes of dependents; null when the request does not say
 * @param uid uid that the object must have; empty for any
 * @param resourceVersion version that the object must have; empty for any
 */
public record DeleteOptions(
        @Nullable Long gracePeriodSeconds,
        @Nullable Propagation propagation,
        String uid,
        String resourceVersion,
        boolean dryRun) {

    public static final DeleteOptions DEFAULT = new DeleteOptions(null, null, "", "", false);

    /** What becomes of dependents. */
    public enum Propagation {
        Orphan,
        Background,
        Foreground
    }

    /** A century: what is longer than any pod lives still leaves a date that can be written. */
    private static final long MAX_GRACE = 100L * 365 * 24 * 3600;

    /** Reads the body, or the query when there is none. @throws ApiException 400 or 422 */
    public static DeleteOptions of(ApiRequest request, @Nullable ObjectNode body) {
        if (body == null) {
            var grace = request.parameter("gracePeriodSeconds");
            var orphan = request.parameter("orphanDependents");
            return new DeleteOptions(
                    grace.isEmpty() ? null : seconds(grace),
                    propagation(
                            request.parameter("propagationPolicy"), orphan.isEmpty() ? null : orphan.equals("true")),
                    "",
                    "",
                    request.parameter("dryRun").equals("All"));
        }
        var kind = body.path("kind").asString("");
        if (!kind.isEmpty() && !kind.equals("DeleteOptions")) {
            throw ApiException.badRequest("decoded object cannot be converted to DeleteOptions: " + kind);
        }
        var preconditions = body.path("preconditions");
        var orphan = body.path("orphanDependents");
        var grace = body.path("gracePeriodSeconds");
        return new DeleteOptions(
                grace.isIntegralNumber() && grace.canConvertToLong() ? Long.valueOf(grace(grace.asLong())) : null,
                propagation(
                        body.path("propagationPolicy").asString(""),
                        orphan.isBoolean() ? Boolean.valueOf(orphan.asBoolean()) : null),
                preconditions.path("uid").asString(""),
                preconditions.path("resourceVersion").asString(""),
                request.parameter("dryRun").equals("All") || containsAll(body));
    }

    /** The finalizers of an object that is deleted this way. */
    List<String> finalizers(List<String> present, boolean orphanByDefault) {
        var result = new java.util.ArrayList<>(present);
        boolean orphan = propagation == null
                ? present.contains(Meta.ORPHAN) || (orphanByDefault && !present.contains(Meta.FOREGROUND))
                : propagation == Propagation.Orphan;
        boolean foreground = propagation == null
                ? !orphan && present.contains(Meta.FOREGROUND)
                : propagation == Propagation.Foreground;
        result.removeAll(List.of(Meta.ORPHAN, Meta.FOREGROUND));
        if (orphan) {
            result.add(Meta.ORPHAN);
        }
        if (foreground) {
            result.add(Meta.FOREGROUND);
        }
        return result;
    }

    private static boolean containsAll(ObjectNode body) {
        for (var value : body.path("dryRun")) {
            if (value.asString("").equals("All")) {
                return true;
            }
        }
        return false;
    }

    private static long seconds(String text) {
        try {
            return grace(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw ApiException.badRequest("invalid gracePeriodSeconds: " + text);
        }
    }

    /** Kubernetes' reading of negative seconds is one second. */
    private static long grace(long seconds) {
        return seconds < 0 ? 1 : Math.min(seconds, MAX_GRACE);
    }

    private static @Nullable Propagation propagation(String policy, @Nullable Boolean orphanDependents) {
        if (!policy.isEmpty() && orphanDependents != null) {
            throw invalid(FieldError.invalid(
                    "propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
        }
        if (orphanDependents != null) {
            return orphanDependents ? Propagation.Orphan : Propagation.Background;
        }
        if (policy.isEmpty()) {
            return null;
        }
        for (var known : Propagation.values()) {
            if (known.name().equals(policy)) {
                return known;
            }
        }
        throw invalid(FieldError.notSupported(
                "propagationPolicy", policy, List.of("Foreground", "Background", "Orphan", "nil")));
    }

    private static ApiException invalid(FieldError error) {
        return ApiException.invalid(new GroupKind("meta.k8s.io", "DeleteOptions"), "", List.of(error));
    }
}
