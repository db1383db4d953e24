package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.StructuralValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Everything an object must fulfil before it is stored. Each method throws 422 Invalid with all errors. */
final class ObjectValidation {

    /** Errors that keep CEL rules from being evaluated: the value may not be what they expect. */
    private static final Set<FieldError.Type> BLOCKING = Set.of(
            FieldError.Type.REQUIRED, FieldError.Type.TOO_LONG, FieldError.Type.TOO_MANY, FieldError.Type.TYPE_INVALID);

    private static final String UNCHECKED =
            "some validation rules were not checked because the object was invalid; correct"
                    + " the existing errors to complete validation";

    private ObjectValidation() {}

    /**
     * A webhook is only asked to convert an object that fits the schema of its version: it may rely on that. What admission
     * makes of the object is checked again, later.
     *
     * @param live the object before an update, in the same version; null for a new one
     */
    static void beforeConversion(ServedType type, ObjectNode served, @Nullable ObjectNode live) {
        if (type.custom() && type.conversion().prefersBatches()) {
            var errors = live == null
                    ? StructuralValidator.validate(served, type.schema())
                    : StructuralValidator.validateUpdate(served, live, type.schema());
            report(type, served, errors);
        }
    }

    static void ofNew(WriteCall call, ObjectNode object) {
        var errors = new ArrayList<>(MetaRules.validate(object, call.storage()));
        addStructural(call, object, null, errors);
        errors.addAll(call.storage().rules().validate(object));
        report(call.type(), object, errors);
    }

    static void ofUpdate(WriteCall call, ObjectNode object, ObjectNode old) {
        var errors = new ArrayList<>(MetaRules.validate(object, call.storage()));
        errors.addAll(MetaRules.validateUpdate(object, old));
        addStructural(call, object, old, errors);
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
        report(call.type(), object, errors);
    }

    /** Built-in kinds are checked by their decoder and their rules; custom ones by the schema of the request's version. */
    private static void addStructural(
            WriteCall call, ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
        var type = call.type();
        if (!type.custom()) {
            return;
        }
        var served = type.fromStorage(object);
        var before = old == null ? null : type.fromStorage(old);
        var structural = before == null
                ? StructuralValidator.validate(served, type.schema())
                : StructuralValidator.validateUpdate(served, before, type.schema());
        errors.addAll(structural);
        if (type.rules().isEmpty()) {
            return;
        }
        if (structural.stream().anyMatch(e -> BLOCKING.contains(e.type()))) {
            errors.add(FieldError.invalid("<nil>", "null", UNCHECKED));
        } else {
            errors.addAll(type.rules().validate(served, before));
        }
    }

    private static void report(ServedType type, ObjectNode object, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            var name = Meta.name(object);
            throw ApiException.invalid(type.kind(), name.isEmpty() ? Meta.text(object, "generateName") : name, errors);
        }
    }
}
