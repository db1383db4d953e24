package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a pod's {@code spec}, or a template's, must look like. */
final class PodSpecRules {

    static final List<String> RESTART_POLICIES = List.of("Always", "OnFailure", "Never");
    private static final List<String> DNS_POLICIES =
            List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    private final Errors errors;
    private final Field spec;

    private PodSpecRules(Errors errors, Field spec) {
        this.errors = errors;
        this.spec = spec;
    }

    /** Checks a pod template: its metadata and its spec. */
    static void template(Errors errors, Field template) {
        errors.labels(template.at("metadata").at("labels"));
        annotations(errors, template.at("metadata").at("annotations"));
        var spec = template.at("spec");
        spec(errors, spec);
        if (!spec.at("ephemeralContainers").value().isEmpty()) {
            errors.forbidden(spec.at("ephemeralContainers"), "ephemeral containers not allowed in pod template");
        }
    }

    /** Checks a spec by itself. */
    static void spec(Errors errors, Field spec) {
        new PodSpecRules(errors, spec).check();
    }

    static void annotations(Errors errors, Field annotations) {
        for (var entry : annotations.value().properties()) {
            for (var problem : Names.qualifiedName(entry.getKey().toLowerCase(java.util.Locale.ROOT))) {
                errors.invalid(annotations, entry.getKey(), problem);
            }
        }
    }

    private void check() {
        var volumes = new VolumeRules(errors).check(spec.at("volumes"));
        containers(volumes);
        errors.oneOf(spec.at("restartPolicy"), RESTART_POLICIES);
        dns();
        placement();
        identity();
        errors.notNegative(spec.at("terminationGracePeriodSeconds"));
        errors.range(spec.at("activeDeadlineSeconds"), 1, Integer.MAX_VALUE);
        SecurityRules.pod(errors, spec.at("securityContext"), spec);
        new AffinityRules(errors).check(spec.at("affinity"));
        spreading();
        hostAliases();
        if (spec.has("resources")) {
            new ResourceRules(errors).check(spec.at("resources"));
        }
    }

    private void containers(Set<String> volumes) {
        var rules = new ContainerRules(errors, volumes, spec.flag("hostNetwork"));
        var names = new HashSet<String>();
        if (spec.at("containers").value().isEmpty()) {
            errors.required(spec.at("containers"), "");
        }
        for (var container : spec.at("containers").items()) {
            unique(container.at("name"), names);
            rules.container(container);
        }
        for (var container : spec.at("initContainers").items()) {
            unique(container.at("name"), names);
            rules.initContainer(container);
        }
        for (var container : spec.at("ephemeralContainers").items()) {
            unique(container.at("name"), names);
            rules.ephemeralContainer(container, names);
        }
        rules.hostPorts(spec.at("containers"));
    }

    private void unique(Field name, Set<String> names) {
        if (!name.text().isEmpty() && !names.add(name.text())) {
            errors.duplicate(name);
        }
    }

    private void dns() {
        errors.requiredOneOf(spec.at("dnsPolicy"), DNS_POLICIES);
        var servers = spec.at("dnsConfig").at("nameservers");
        if (spec.text("dnsPolicy").equals("None") && servers.value().isEmpty()) {
            errors.required(servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
        if (servers.value().size() > 3) {
            errors.invalid(servers, "must not have more than 3 nameservers");
        }
        for (var server : servers.items()) {
            Addresses.check(errors, server);
        }
    }

    private void placement() {
        if (!spec.text("nodeName").isEmpty()) {
            errors.names(spec.at("nodeName"), Names.dns1123Subdomain(spec.text("nodeName")));
        }
        errors.labels(spec.at("nodeSelector"));
        spec.at("tolerations").items().forEach(this::toleration);
        var gates = new HashSet<String>();
        for (var gate : spec.at("schedulingGates").items()) {
            errors.names(gate.at("name"), Names.qualifiedName(gate.text("name")));
            unique(gate.at("name"), gates);
        }
        if (!spec.text("preemptionPolicy").isEmpty()) {
            errors.oneOf(spec.at("preemptionPolicy"), List.of("PreemptLowerPriority", "Never"));
        }
    }

    private void toleration(Field toleration) {
        var key = toleration.at("key");
        var operator = toleration.at("operator");
        if (!key.text().isEmpty()) {
            errors.names(key, Names.qualifiedName(key.text()));
        } else if (!operator.text().equals("Exists")) {
            errors.invalid(
                    operator,
                    operator.text(),
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        var effect = toleration.at("effect");
        if (toleration.has("tolerationSeconds") && !effect.text().equals("NoExecute")) {
            errors.invalid(effect, effect.text(), "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        switch (operator.text()) {
            case "", "Equal" -> errors.names(toleration.at("value"), Names.labelValue(toleration.text("value")));
            case "Exists" -> {
                if (!toleration.text("value").isEmpty()) {
                    errors.invalid(operator, toleration.value(), "value must be empty when `operator` is 'Exists'");
                }
            }
            default ->
                errors.add(FieldError.notSupported(operator.path(), operator.text(), List.of("Equal", "Exists")));
        }
        if (!effect.text().isEmpty()) {
            errors.oneOf(effect, EFFECTS);
        }
    }

    private void identity() {
        for (var name : new String[] {"serviceAccountName", "priorityClassName", "runtimeClassName"}) {
            if (!spec.text(name).isEmpty()) {
                errors.names(spec.at(name), Names.dns1123Subdomain(spec.text(name)));
            }
        }
        for (var name : new String[] {"hostname", "subdomain"}) {
            if (!spec.text(name).isEmpty()) {
                errors.names(spec.at(name), Names.dns1123Label(spec.text(name)));
            }
        }
        for (var gate : spec.at("readinessGates").items()) {
            errors.names(gate.at("conditionType"), Names.qualifiedName(gate.text("conditionType")));
        }
    }

    private void spreading() {
        for (var constraint : spec.at("topologySpreadConstraints").items()) {
            if (constraint.at("maxSkew").number(0) <= 0) {
                errors.invalid(
                        constraint.at("maxSkew"), constraint.at("maxSkew").number(0), "must be greater than zero");
            }
            if (constraint.text("topologyKey").isEmpty()) {
                errors.required(constraint.at("topologyKey"), "can not be empty");
            } else {
                errors.names(constraint.at("topologyKey"), Names.qualifiedName(constraint.text("topologyKey")));
            }
            errors.oneOf(constraint.at("whenUnsatisfiable"), List.of("DoNotSchedule", "ScheduleAnyway"));
            errors.selector(constraint.at("labelSelector"));
        }
    }

    private void hostAliases() {
        for (var alias : spec.at("hostAliases").items()) {
            Addresses.check(errors, alias.at("ip"));
            for (var host : alias.at("hostnames").items()) {
                errors.names(host, Names.dns1123Subdomain(host.text()));
            }
        }
    }
}
