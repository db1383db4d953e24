package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** EndpointSlices; loopback addresses are allowed, as in {@link EndpointsRules}. */
final class EndpointSliceRules implements KindRules {

    private static final int MAX_ENDPOINTS = 1000;
    private static final int MAX_ADDRESSES = 100;
    private static final int MAX_PORTS = 20_000;

    @Override
    public void setDefaults(ObjectNode slice) {
        for (var p : slice.path("ports")) {
            if (p instanceof ObjectNode port) {
                if (Defaults.absent(port, "name")) {
                    port.put("name", "");
                }
                Defaults.text(port, "protocol", "TCP");
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode slice) {
        var errors = new Errors();
        errors.requiredOneOf(Field.of(slice, "addressType"), List.of("FQDN", "IPv4", "IPv6"));
        endpoints(errors, Field.of(slice, "endpoints"), Meta.text(slice, "addressType"));
        ports(errors, Field.of(slice, "ports"));
        return errors.list();
    }

    private static void endpoints(Errors errors, Field endpoints, String type) {
        if (endpoints.value().size() > MAX_ENDPOINTS) {
            errors.add(FieldError.tooMany(endpoints.path(), endpoints.value().size(), MAX_ENDPOINTS));
            return;
        }
        for (var endpoint : endpoints.items()) {
            var addresses = endpoint.at("addresses");
            if (addresses.value().isEmpty()) {
                errors.required(addresses, "must contain at least 1 address");
            } else if (addresses.value().size() > MAX_ADDRESSES) {
                errors.add(
                        FieldError.tooMany(addresses.path(), addresses.value().size(), MAX_ADDRESSES));
            }
            addresses.items().forEach(a -> address(errors, a, type));
            if (!endpoint.text("hostname").isEmpty()) {
                errors.names(endpoint.at("hostname"), Names.dns1123Label(endpoint.text("hostname")));
            }
        }
    }

    private static void address(Errors errors, Field address, String type) {
        switch (type) {
            case "IPv4" -> {
                if (!Addresses.isV4(address.text())) {
                    errors.invalid(address, "must be a valid IPv4 address");
                }
            }
            case "IPv6" -> {
                if (!Addresses.isV6(address.text())) {
                    errors.invalid(address, "must be a valid IPv6 address");
                }
            }
            default -> errors.names(address, Names.dns1123Subdomain(address.text()));
        }
    }

    private static void ports(Errors errors, Field ports) {
        if (ports.value().size() > MAX_PORTS) {
            errors.add(FieldError.tooMany(ports.path(), ports.value().size(), MAX_PORTS));
            return;
        }
        var names = new HashSet<String>();
        for (var port : ports.items()) {
            if (!port.text("name").isEmpty()) {
                errors.names(port.at("name"), Names.dns1123Label(port.text("name")));
            }
            if (!names.add(port.text("name"))) {
                errors.duplicate(port.at("name"));
            }
            errors.requiredOneOf(port.at("protocol"), EndpointsRules.PROTOCOLS);
            if (port.has("port")) {
                errors.port(port.at("port"));
            }
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode slice, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(slice, "addressType"), Field.of(old, "addressType"));
        return errors.list();
    }
}
