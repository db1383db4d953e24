package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** StorageClasses. */
final class StorageClassRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode storageClass) {
        Defaults.text(storageClass, "reclaimPolicy", "Delete");
        Defaults.text(storageClass, "volumeBindingMode", "Immediate");
    }

    @Override
    public List<FieldError> validate(ObjectNode storageClass) {
        var errors = new Errors();
        if (Meta.text(storageClass, "provisioner").isEmpty()) {
            errors.required(Field.of(storageClass, "provisioner"), "");
        }
        errors.oneOf(Field.of(storageClass, "reclaimPolicy"), List.of("Delete", "Retain"));
        errors.oneOf(Field.of(storageClass, "volumeBindingMode"), List.of("Immediate", "WaitForFirstConsumer"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode storageClass, ObjectNode old) {
        var errors = new Errors();
        for (var name : new String[] {"parameters", "provisioner", "reclaimPolicy"}) {
            if (!Errors.same(Field.of(storageClass, name), Field.of(old, name))) {
                errors.forbidden(Field.of(storageClass, name), "updates to " + name + " are forbidden.");
            }
        }
        errors.immutable(Field.of(storageClass, "volumeBindingMode"), Field.of(old, "volumeBindingMode"));
        return errors.list();
    }
}
