package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** ReplicationControllers: selector and labels default to the template's labels. */
final class ReplicationControllerRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode controller) {
        var spec = Workloads.spec(controller);
        Defaults.number(spec, "replicas", 1);
        var labels = spec.path("template").path("metadata").path("labels");
        if (labels instanceof ObjectNode map && !map.isEmpty()) {
            if (spec.path("selector").isEmpty()) {
                spec.set("selector", map.deepCopy());
            }
            var metadata = Defaults.object(controller, "metadata");
            if (metadata.path("labels").isEmpty()) {
                metadata.set("labels", map.deepCopy());
            }
        }
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public List<FieldError> validate(ObjectNode controller) {
        var errors = new Errors();
        var spec = Field.of(controller, "spec");
        errors.notNegative(spec.at("replicas"));
        errors.notNegative(spec.at("minReadySeconds"));
        var selector = spec.at("selector");
        var labels = spec.at("template").at("metadata").at("labels");
        if (selector.value().isEmpty()) {
            errors.required(selector, "");
        } else if (!Meta.strings(labels.value())
                .entrySet()
                .containsAll(Meta.strings(selector.value()).entrySet())) {
            errors.invalid(
                    labels, labels.present() ? labels.value() : null, "`selector` does not match template `labels`");
        }
        if (spec.has("template")) {
            Workloads.alwaysRunning(errors, spec.at("template"));
        } else {
            errors.required(spec.at("template"), "");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode controller, ObjectNode old) {
        return new ReplicaSetRules().validateStatusUpdate(controller, old);
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode controller) {
        return new ReplicaSetRules().selectableFields(controller);
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.replicas");
    }

    @Override
    public boolean orphansByDefault() {
        return true;
    }
}
