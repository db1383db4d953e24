package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Namespaces: active until deleted, then held by {@code spec.finalizers} until their contents are gone. */
final class NamespaceRules implements KindRules {

    static final String KUBERNETES = "kubernetes";
    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    @Override
    public void setDefaults(ObjectNode namespace) {
        if (!Meta.name(namespace).isEmpty()) {
            Defaults.object(Defaults.object(namespace, "metadata"), "labels").put(NAME_LABEL, Meta.name(namespace));
        }
    }

    @Override
    public void prepareForCreate(ObjectNode namespace, RequestContext context) {
        // With generateName the name is known only now.
        setDefaults(namespace);
        namespace.putObject("status").put("phase", "Active");
        var finalizers = Defaults.object(namespace, "spec").withArray("finalizers");
        var present = false;
        for (var finalizer : finalizers) {
            present |= finalizer.stringValue("").equals(KUBERNETES);
        }
        if (!present) {
            finalizers.add(KUBERNETES);
        }
    }

    @Override
    public void markDeleting(ObjectNode namespace, RequestContext context) {
        Defaults.object(namespace, "status").put("phase", "Terminating");
    }

    @Override
    public boolean removable(ObjectNode namespace) {
        return namespace.path("spec").path("finalizers").isEmpty();
    }

    /** The finalize subresource: which parties have done their part, {@code spec.finalizers}. */
    @Override
    public List<FieldError> validatePartUpdate(String subresource, ObjectNode namespace, ObjectNode old) {
        var errors = new Errors();
        for (var finalizer : Field.of(namespace, "spec").at("finalizers").items()) {
            errors.names(finalizer, Names.qualifiedName(finalizer.text()));
            if (!finalizer.text().equals(KUBERNETES) && finalizer.text().indexOf('/') < 0) {
                errors.invalid(finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
        return errors.list();
    }

    @Override
    public void prepareForUpdate(ObjectNode namespace, ObjectNode old, RequestContext context) {
        // spec.finalizers changes through the finalize subresource alone.
        var finalizers = old.path("spec").path("finalizers");
        if (finalizers.isMissingNode()) {
            Defaults.object(namespace, "spec").remove("finalizers");
        } else {
            Defaults.object(namespace, "spec").set("finalizers", finalizers.deepCopy());
        }
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode namespace, ObjectNode old) {
        var errors = new Errors();
        var phase = Field.of(namespace, "status").at("phase");
        if (Meta.isTerminating(old)) {
            if (!phase.text().equals("Terminating")) {
                errors.invalid(phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
            }
        } else if (!phase.text().equals("Active")) {
            errors.invalid(phase, "may only be 'Active' if `deletionTimestamp` is empty");
        }
        return errors.list();
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode namespace) {
        return Map.of("status.phase", Meta.text(namespace, "status", "phase"), "name", Meta.name(namespace));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("name", "status.phase");
    }

    @Override
    public NameRule nameRule() {
        return NameRule.LABEL;
    }
}
