package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** NetworkPolicies. */
final class NetworkPolicyRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode policy) {
        var spec = Defaults.object(policy, "spec");
        for (var direction : new String[] {"ingress", "egress"}) {
            for (var rule : spec.path(direction)) {
                for (var p : rule.path("ports")) {
                    if (p instanceof ObjectNode port) {
                        Defaults.text(port, "protocol", "TCP");
                    }
                }
            }
        }
        if (spec.path("policyTypes").isEmpty()) {
            var types = spec.putArray("policyTypes").add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                types.add("Egress");
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode policy) {
        var errors = new Errors();
        var spec = Field.of(policy, "spec");
        errors.selector(spec.at("podSelector"));
        for (var rule : spec.at("ingress").items()) {
            rule(errors, rule, "from");
        }
        for (var rule : spec.at("egress").items()) {
            rule(errors, rule, "to");
        }
        if (spec.at("policyTypes").items().size() > 2) {
            errors.invalid(spec.at("policyTypes"), "may not specify more than two policyTypes");
            return errors.list();
        }
        for (var type : spec.at("policyTypes").items()) {
            errors.oneOf(type, List.of("Egress", "Ingress"));
        }
        return errors.list();
    }

    private static void rule(Errors errors, Field rule, String peers) {
        for (var port : rule.at("ports").items()) {
            errors.oneOf(port.at("protocol"), EndpointsRules.PROTOCOLS);
            if (port.has("port")) {
                errors.portOrName(port.at("port"));
            }
            if (port.has("endPort")) {
                if (!port.has("port") || port.at("port").value().isString()) {
                    errors.invalid(port.at("endPort"), "may not be specified when `port` is non-numeric or unset");
                } else if (port.at("endPort").number(0) < port.at("port").number(0)) {
                    errors.invalid(port.at("endPort"), "must be greater than or equal to `port`");
                }
            }
        }
        rule.at(peers).items().forEach(p -> peer(errors, p));
    }

    private static void exception(Errors errors, Field except, String cidr) {
        Addresses.checkCidr(errors, except);
        if (Addresses.isCidr(except.text())
                && Addresses.isCidr(cidr)
                && !Addresses.isStrictSubset(except.text(), cidr)) {
            errors.invalid(except, except.text(), "must be a strict subset of `cidr`");
        }
    }

    private static void peer(Errors errors, Field peer) {
        var block = peer.at("ipBlock");
        boolean selects = peer.has("podSelector") || peer.has("namespaceSelector");
        errors.selector(peer.at("podSelector"));
        errors.selector(peer.at("namespaceSelector"));
        if (block.present()) {
            if (block.text("cidr").isEmpty()) {
                errors.required(block.at("cidr"), "");
            } else {
                Addresses.checkCidr(errors, block.at("cidr"));
            }
            block.at("except").items().forEach(e -> exception(errors, e, block.text("cidr")));
            if (selects) {
                errors.forbidden(peer, "may not specify both ipBlock and another peer");
            }
        } else if (!selects) {
            errors.required(peer, "must specify a peer");
        }
    }
}
