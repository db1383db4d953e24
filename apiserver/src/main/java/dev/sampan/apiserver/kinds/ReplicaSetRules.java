package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** ReplicaSets. */
final class ReplicaSetRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode set) {
        var spec = Workloads.spec(set);
        Defaults.number(spec, "replicas", 1);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void prepareForCreate(ObjectNode set, RequestContext context) {
        UnnamedContainer.name(set.path("spec").path("template").path("spec"), "spec.template.spec", context);
    }

    @Override
    public List<FieldError> validate(ObjectNode set) {
        var errors = new Errors();
        var spec = Field.of(set, "spec");
        errors.notNegative(spec.at("replicas"));
        errors.notNegative(spec.at("minReadySeconds"));
        Workloads.selectorAndTemplate(errors, spec, "deployment");
        if (spec.has("template")) {
            Workloads.alwaysRunning(errors, spec.at("template"));
        } else {
            errors.required(spec.at("template"), "");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(set, "spec").at("selector"), Field.of(old, "spec").at("selector"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(set, "status");
        for (var name : new String[] {
            "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"
        }) {
            errors.notNegative(status.at(name));
        }
        notMoreThan(errors, status, "fullyLabeledReplicas", "replicas", "status.replicas");
        notMoreThan(errors, status, "readyReplicas", "replicas", "status.replicas");
        notMoreThan(errors, status, "availableReplicas", "replicas", "status.replicas");
        notMoreThan(errors, status, "availableReplicas", "readyReplicas", "readyReplicas");
        return errors.list();
    }

    static void notMoreThan(Errors errors, Field status, String part, String whole, String wholeName) {
        if (status.at(part).number(0) > status.at(whole).number(0)) {
            errors.invalid(status.at(part), "cannot be greater than " + wholeName);
        }
    }

    @Override
    public List<String> warnings(ObjectNode set) {
        return Workloads.templateWarnings(set);
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode set) {
        return Map.of(
                "status.replicas",
                String.valueOf(set.path("status").path("replicas").longValue(0)));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.replicas");
    }
}
