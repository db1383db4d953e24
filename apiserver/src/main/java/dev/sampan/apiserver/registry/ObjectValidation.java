package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.StructuralValidator;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Everything an object must fulfil before it is stored. Each method throws 422 Invalid with all errors. */
final class ObjectValidation {

    private ObjectValidation() {}

    static void ofNew(WriteCall call, ObjectNode object) {
        var errors = new ArrayList<>(MetaRules.validate(object, call.storage()));
        addStructural(call, object, errors);
        errors.addAll(call.storage().rules().validate(object));
        report(call, object, errors);
    }

    static void ofUpdate(WriteCall call, ObjectNode object, ObjectNode old) {
        var errors = new ArrayList<>(MetaRules.validate(object, call.storage()));
        errors.addAll(MetaRules.validateUpdate(object, old));
        addStructural(call, object, errors);
        var rules = call.storage().rules();
        if (call.subresource().equals("status")) {
            errors.addAll(rules.validateStatusUpdate(object, old));
        } else if (Preparation.isPart(call.subresource())) {
            errors.addAll(rules.validatePartUpdate(call.subresource(), object, old));
        } else {
            errors.addAll(rules.validate(object));
            // The server's own parts change what is immutable to clients: a binding sets a pod's node.
            if (!call.whole()) {
                errors.addAll(rules.validateUpdate(object, old));
            }
        }
        report(call, object, errors);
    }

    /** Built-in kinds are checked by their decoder and their rules; custom ones by their schema. */
    private static void addStructural(WriteCall call, ObjectNode object, List<FieldError> errors) {
        if (call.type().custom()) {
            errors.addAll(
                    StructuralValidator.validate(object, call.storage().type().schema()));
        }
    }

    private static void report(WriteCall call, ObjectNode object, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            var name = Meta.name(object);
            throw ApiException.invalid(call.kind(), name.isEmpty() ? Meta.text(object, "generateName") : name, errors);
        }
    }
}
