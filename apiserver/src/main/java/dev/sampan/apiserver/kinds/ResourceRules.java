package dev.sampan.apiserver.kinds;

import dev.sampan.schema.Names;
import dev.sampan.schema.Quantity;
import java.math.RoundingMode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Requests and limits of containers and pods. */
final class ResourceRules {

    private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");

    private final Errors errors;

    ResourceRules(Errors errors) {
        this.errors = errors;
    }

    void check(Field resources) {
        var limits = resources.at("limits");
        var requests = resources.at("requests");
        for (var entry : limits.value().properties()) {
            name(limits, entry.getKey());
            amount(limits, entry.getKey());
        }
        for (var entry : requests.value().properties()) {
            name(requests, entry.getKey());
            var request = amount(requests, entry.getKey());
            if (request != null) {
                compare(requests, limits, entry.getKey(), request);
            }
        }
    }

    private void compare(Field requests, Field limits, String name, Quantity request) {
        var limitField = limits.key(name);
        if (!limitField.present()) {
            if (!canOvercommit(name)) {
                errors.required(limits, "Limit must be set for non overcommitable resources");
            }
            return;
        }
        var limit = parse(limitField);
        if (limit == null) {
            return;
        }
        if (!canOvercommit(name) && request.compareTo(limit) != 0) {
            errors.invalid(requests, request.toString(), "must be equal to %s limit of %s".formatted(name, limit));
        } else if (request.compareTo(limit) > 0) {
            errors.invalid(
                    requests,
                    request.toString(),
                    "must be less than or equal to %s limit of %s".formatted(name, limit));
        }
    }

    private @Nullable Quantity amount(Field list, String name) {
        var field = list.key(name);
        var amount = errors.quantityNotNegative(field);
        if (amount != null && isInteger(name) && !isWhole(amount)) {
            errors.invalid(field, amount.toString(), "must be an integer");
        }
        return amount;
    }

    private static @Nullable Quantity parse(Field field) {
        return new Errors().quantity(field);
    }

    private void name(Field list, String name) {
        if (name.indexOf('/') < 0) {
            if (!STANDARD.contains(name) && !name.startsWith("hugepages-")) {
                errors.invalid(list.key(name), name, "must be a standard resource for containers");
            }
            return;
        }
        for (var problem : Names.qualifiedName(name)) {
            errors.invalid(list.key(name), name, problem);
        }
        if (isNative(name) || name.startsWith("requests.")) {
            errors.invalid(list.key(name), name, "doesn't follow extended resource name standard");
        }
    }

    /** cpu and memory may be promised more than once; devices and huge pages may not. */
    private static boolean canOvercommit(String name) {
        return isNative(name) && !name.startsWith("hugepages-");
    }

    private static boolean isNative(String name) {
        return name.indexOf('/') < 0 || name.contains("kubernetes.io/");
    }

    private static boolean isInteger(String name) {
        return !isNative(name);
    }

    private static boolean isWhole(Quantity quantity) {
        return quantity.value().setScale(0, RoundingMode.DOWN).compareTo(quantity.value()) == 0;
    }
}
