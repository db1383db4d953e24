package dev.sampan.apiserver.kinds;

import dev.sampan.schema.Names;
import java.util.List;

/** Probes and lifecycle hooks. */
final class ProbeRules {

    private static final String ONE_HANDLER = "may not specify more than 1 handler type";

    private final Errors errors;

    ProbeRules(Errors errors) {
        this.errors = errors;
    }

    void probes(Field container) {
        probe(container.at("livenessProbe"), true);
        probe(container.at("readinessProbe"), false);
        probe(container.at("startupProbe"), true);
        if (container.at("readinessProbe").has("terminationGracePeriodSeconds")) {
            errors.invalid(
                    container.at("readinessProbe").at("terminationGracePeriodSeconds"),
                    "must not be set for readinessProbes");
        }
    }

    private void probe(Field probe, boolean oneSuccess) {
        if (!probe.present()) {
            return;
        }
        handler(probe, List.of("exec", "httpGet", "tcpSocket", "grpc"));
        for (var number : new String[] {
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"
        }) {
            errors.notNegative(probe.at(number));
        }
        if (probe.has("terminationGracePeriodSeconds")
                && probe.at("terminationGracePeriodSeconds").number(1) <= 0) {
            errors.invalid(probe.at("terminationGracePeriodSeconds"), "must be greater than 0");
        }
        if (oneSuccess && probe.at("successThreshold").number(1) != 1) {
            errors.invalid(probe.at("successThreshold"), "must be 1");
        }
    }

    void lifecycle(Field lifecycle) {
        for (var hook : new String[] {"postStart", "preStop"}) {
            if (lifecycle.has(hook)) {
                handler(lifecycle.at(hook), List.of("exec", "httpGet", "tcpSocket", "sleep"));
            }
        }
    }

    private void handler(Field handler, List<String> types) {
        var found = false;
        for (var type : types) {
            if (!handler.has(type)) {
                continue;
            }
            if (found) {
                errors.forbidden(handler.at(type), ONE_HANDLER);
                continue;
            }
            found = true;
            action(type, handler.at(type));
        }
        if (!found) {
            errors.required(handler, "must specify a handler type");
        }
    }

    private void action(String type, Field action) {
        switch (type) {
            case "exec" -> {
                if (action.at("command").value().isEmpty()) {
                    errors.required(action.at("command"), "");
                }
            }
            case "httpGet" -> http(action);
            case "sleep" -> errors.notNegative(action.at("seconds"));
            case "grpc" -> errors.port(action.at("port"));
            default -> errors.portOrName(action.at("port"));
        }
    }

    private void http(Field get) {
        if (get.text("path").isEmpty()) {
            errors.required(get.at("path"), "");
        }
        errors.portOrName(get.at("port"));
        errors.oneOf(get.at("scheme"), List.of("HTTP", "HTTPS"));
        for (var header : get.at("httpHeaders").items()) {
            if (!header.text("name").matches("[-A-Za-z0-9]+")) {
                errors.names(
                        header.at("name"),
                        List.of("a valid HTTP header must consist of alphanumeric characters or '-' (e.g."
                                + " 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"));
            }
        }
        if (!get.text("host").isEmpty()
                && !Names.dns1123Subdomain(get.text("host")).isEmpty()
                && !Addresses.isV6(get.text("host"))) {
            errors.names(get.at("host"), Names.dns1123Subdomain(get.text("host")));
        }
    }
}
