package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** ResourceQuotas. */
final class ResourceQuotaRules implements KindRules {

    private static final Set<String> STANDARD = Set.of(
            "cpu",
            "memory",
            "ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.storage",
            "requests.ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "persistentvolumeclaims",
            "configmaps",
            "services.nodeports",
            "services.loadbalancers");
    private static final List<String> SCOPES = List.of(
            "BestEffort",
            "CrossNamespacePodAffinity",
            "NotBestEffort",
            "NotTerminating",
            "PriorityClass",
            "Terminating",
            "VolumeAttributesClass");

    @Override
    public List<FieldError> validate(ObjectNode quota) {
        var errors = new Errors();
        var spec = Field.of(quota, "spec");
        for (var entry : spec.at("hard").value().properties()) {
            name(errors, spec.at("hard").key(entry.getKey()), entry.getKey());
            errors.quantityNotNegative(spec.at("hard").key(entry.getKey()));
        }
        var scopes = new HashSet<String>();
        for (var scope : spec.at("scopes").items()) {
            if (!SCOPES.contains(scope.text())) {
                errors.invalid(spec.at("scopes"), spec.at("scopes").value(), "unsupported scope");
            }
            scopes.add(scope.text());
        }
        if (scopes.containsAll(Set.of("BestEffort", "NotBestEffort"))
                || scopes.containsAll(Set.of("Terminating", "NotTerminating"))) {
            errors.invalid(spec.at("scopes"), "conflicting scopes");
        }
        return errors.list();
    }

    private static void name(Errors errors, Field field, String name) {
        for (var problem : Names.qualifiedName(name)) {
            errors.invalid(field, name, problem);
        }
        if (name.indexOf('/') < 0 && !STANDARD.contains(name) && !name.matches("(requests\\.)?hugepages-.*")) {
            errors.invalid(field, name, "must be a standard resource for quota");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode quota, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(quota, "spec").at("scopes"), Field.of(old, "spec").at("scopes"));
        return errors.list();
    }
}
