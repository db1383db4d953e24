package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** CSIStorageCapacities. */
final class CsiStorageCapacityRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode capacity) {
        var errors = new Errors();
        errors.selector(Field.of(capacity, "nodeTopology"));
        for (var name : new String[] {"capacity", "maximumVolumeSize"}) {
            if (Field.of(capacity, name).present()) {
                errors.quantityNotNegative(Field.of(capacity, name));
            }
        }
        var storageClass = Field.of(capacity, "storageClassName");
        errors.names(storageClass, Names.dns1123Subdomain(storageClass.text()));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode capacity, ObjectNode old) {
        var errors = new Errors();
        for (var name : new String[] {"nodeTopology", "storageClassName"}) {
            errors.immutable(Field.of(capacity, name), Field.of(old, name));
        }
        return errors.list();
    }
}
