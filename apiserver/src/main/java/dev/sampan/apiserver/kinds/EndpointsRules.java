package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Endpoints. Kubernetes refuses loopback addresses here; this cluster's pods may live on loopback, so they are allowed.
 */
final class EndpointsRules implements KindRules {

    static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");

    @Override
    public void setDefaults(ObjectNode endpoints) {
        for (var subset : endpoints.path("subsets")) {
            for (var p : subset.path("ports")) {
                if (p instanceof ObjectNode port) {
                    Defaults.text(port, "protocol", "TCP");
                }
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode endpoints) {
        var errors = new Errors();
        for (var subset : Field.of(endpoints, "subsets").items()) {
            if (subset.at("addresses").value().isEmpty()
                    && subset.at("notReadyAddresses").value().isEmpty()) {
                errors.required(subset, "must specify `addresses` or `notReadyAddresses`");
            }
            for (var list : new String[] {"addresses", "notReadyAddresses"}) {
                for (var address : subset.at(list).items()) {
                    Addresses.check(errors, address.at("ip"));
                    if (!address.text("hostname").isEmpty()) {
                        errors.names(address.at("hostname"), Names.dns1123Label(address.text("hostname")));
                    }
                }
            }
            var ports = subset.at("ports").items();
            for (var port : ports) {
                if (port.text("name").isEmpty() && ports.size() > 1) {
                    errors.required(port.at("name"), "");
                } else if (!port.text("name").isEmpty()) {
                    errors.names(port.at("name"), Names.dns1123Label(port.text("name")));
                }
                errors.port(port.at("port"));
                errors.requiredOneOf(port.at("protocol"), PROTOCOLS);
            }
        }
        return errors.list();
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }
}
