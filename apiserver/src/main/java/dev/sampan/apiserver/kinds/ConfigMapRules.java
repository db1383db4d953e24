package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ConfigMaps. */
final class ConfigMapRules implements KindRules {

    /** Of a ConfigMap's or a Secret's values together, in bytes. */
    static final long MAX_BYTES = 1024 * 1024;

    @Override
    public List<FieldError> validate(ObjectNode configMap) {
        var errors = new Errors();
        var data = Field.of(configMap, "data");
        var binary = Field.of(configMap, "binaryData");
        long size = 0;
        for (var entry : data.value().properties()) {
            key(errors, data, entry.getKey());
            if (binary.value().has(entry.getKey())) {
                errors.invalid(data.key(entry.getKey()), entry.getKey(), "duplicate of key present in binaryData");
            }
            size += entry.getValue().stringValue("").getBytes(StandardCharsets.UTF_8).length;
        }
        for (var entry : binary.value().properties()) {
            key(errors, binary, entry.getKey());
            size += entry.getValue().stringValue("").length() * 3L / 4;
        }
        if (size > MAX_BYTES) {
            errors.add(FieldError.tooLong("", MAX_BYTES));
        }
        return errors.list();
    }

    static void key(Errors errors, Field data, String key) {
        for (var problem : Names.configKey(key)) {
            errors.invalid(data.key(key), key, problem);
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode configMap, ObjectNode old) {
        return frozen(configMap, old, "data", "binaryData");
    }

    /** What may no longer change once {@code immutable} is set. */
    static List<FieldError> frozen(ObjectNode object, ObjectNode old, String... fields) {
        var errors = new Errors();
        if (!old.path("immutable").booleanValue(false)) {
            return errors.list();
        }
        var why = "field is immutable when `immutable` is set";
        if (!object.path("immutable").booleanValue(false)) {
            errors.forbidden(Field.of(object, "immutable"), why);
        }
        for (var field : fields) {
            if (!Errors.same(Field.of(object, field), Field.of(old, field))) {
                errors.forbidden(Field.of(object, field), why);
            }
        }
        return errors.list();
    }
}
