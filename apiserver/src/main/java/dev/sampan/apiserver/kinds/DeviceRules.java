package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** What the kinds of resource.k8s.io share: requests for devices, selectors, configuration. */
final class DeviceRules {

    private static final int MAX_ITEMS = 32;
    private static final int MAX_ALTERNATIVES = 8;
    private static final int MAX_EXPRESSION = 10 * 1024;
    private static final int MAX_DRIVER = 63;
    private static final String EXACT_COUNT = "ExactCount";

    private DeviceRules() {}

    /** Defaults of a claim's spec. */
    static void setDefaults(ObjectNode spec) {
        for (var request : spec.path("devices").path("requests")) {
            if (request.path("exactly") instanceof ObjectNode exactly) {
                count(exactly);
            }
            for (var alternative : request.path("firstAvailable")) {
                if (alternative instanceof ObjectNode one) {
                    count(one);
                }
            }
        }
    }

    private static void count(ObjectNode request) {
        Defaults.text(request, "allocationMode", EXACT_COUNT);
        if (request.path("allocationMode").asString("").equals(EXACT_COUNT)
                && request.path("count").asLong(0) == 0) {
            request.put("count", 1);
        }
    }

    /** A claim's spec. */
    static void claim(Errors errors, Field spec) {
        var devices = spec.at("devices");
        var requests = devices.at("requests");
        atMost(errors, requests, MAX_ITEMS);
        Set<String> names = new HashSet<>();
        for (var request : requests.items()) {
            name(errors, request.at("name"), names);
            request(errors, request, names);
        }
        atMost(errors, devices.at("constraints"), MAX_ITEMS);
        for (var constraint : devices.at("constraints").items()) {
            references(errors, constraint.at("requests"), names);
            if (!constraint.has("matchAttribute") && !constraint.has("distinctAttribute")) {
                errors.required(constraint.at("matchAttribute"), "");
            }
        }
        config(errors, devices.at("config"));
        for (var config : devices.at("config").items()) {
            references(errors, config.at("requests"), names);
        }
    }

    private static void request(Errors errors, Field request, Set<String> names) {
        var exactly = request.at("exactly");
        var alternatives = request.at("firstAvailable");
        if (exactly.present() == !alternatives.value().isEmpty()) {
            errors.invalid(
                    request, request.value().toString(), "exactly one of `exactly` or `firstAvailable` is required");
            return;
        }
        if (exactly.present()) {
            wanted(errors, exactly);
            return;
        }
        atMost(errors, alternatives, MAX_ALTERNATIVES);
        Set<String> own = new HashSet<>();
        for (var alternative : alternatives.items()) {
            name(errors, alternative.at("name"), own);
            wanted(errors, alternative);
        }
        own.forEach(n -> names.add(request.text("name") + "/" + n));
    }

    private static void wanted(Errors errors, Field request) {
        var deviceClass = request.at("deviceClassName");
        if (deviceClass.text().isEmpty()) {
            errors.required(deviceClass, "");
        } else {
            errors.names(deviceClass, Names.dns1123Subdomain(deviceClass.text()));
        }
        selectors(errors, request.at("selectors"));
        var count = request.at("count");
        switch (request.text("allocationMode")) {
            case EXACT_COUNT -> {
                if (count.number(1) <= 0) {
                    errors.invalid(count, "must be greater than zero");
                }
            }
            case "All" -> {
                if (count.number(0) != 0) {
                    errors.invalid(count, "must not be specified when allocationMode is 'All'");
                }
            }
            default -> errors.oneOf(request.at("allocationMode"), List.of("All", EXACT_COUNT));
        }
    }

    /** Expressions are compiled where they are used: what a device looks like is known there. */
    static void selectors(Errors errors, Field selectors) {
        atMost(errors, selectors, MAX_ITEMS);
        for (var selector : selectors.items()) {
            var cel = selector.at("cel");
            if (!cel.present()) {
                errors.required(cel, "");
            } else if (cel.text("expression").isEmpty()) {
                errors.required(cel.at("expression"), "");
            } else if (cel.text("expression").length() > MAX_EXPRESSION) {
                errors.add(FieldError.tooLong(cel.at("expression").path(), MAX_EXPRESSION));
            }
        }
    }

    static void config(Errors errors, Field configs) {
        atMost(errors, configs, MAX_ITEMS);
        for (var config : configs.items()) {
            var opaque = config.at("opaque");
            if (!opaque.present()) {
                errors.required(opaque, "");
                continue;
            }
            driver(errors, opaque.at("driver"));
            var parameters = opaque.at("parameters");
            if (!parameters.present()) {
                errors.required(parameters, "");
            } else if (!parameters.value().isObject()) {
                errors.invalid(parameters, "<value omitted>", "must be a valid JSON object");
            }
        }
    }

    static void driver(Errors errors, Field driver) {
        if (driver.text().isEmpty()) {
            errors.required(driver, "");
            return;
        }
        if (driver.text().length() > MAX_DRIVER) {
            errors.add(FieldError.tooLong(driver.path(), MAX_DRIVER));
        }
        errors.names(driver, Names.dns1123Subdomain(driver.text()));
    }

    /** A name that is a label and stands once. */
    static void name(Errors errors, Field name, Set<String> known) {
        if (name.text().isEmpty()) {
            errors.required(name, "");
            return;
        }
        errors.names(name, Names.dns1123Label(name.text()));
        if (!known.add(name.text())) {
            errors.duplicate(name);
        }
    }

    private static void references(Errors errors, Field requests, Set<String> names) {
        atMost(errors, requests, MAX_ITEMS);
        Set<String> seen = new HashSet<>();
        for (var request : requests.items()) {
            if (!names.contains(request.text())) {
                errors.invalid(
                        request,
                        "must be the name of a request in the claim or the name of a request and a"
                                + " subrequest separated by '/'");
            } else if (!seen.add(request.text())) {
                errors.duplicate(request);
            }
        }
    }

    static void atMost(Errors errors, Field list, int max) {
        int size = list.items().size();
        if (size > max) {
            errors.add(FieldError.tooMany(list.path(), size, max));
        }
    }
}
