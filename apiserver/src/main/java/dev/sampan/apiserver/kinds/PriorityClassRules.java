package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** PriorityClasses. */
final class PriorityClassRules implements KindRules {

    private static final long HIGHEST = 1_000_000_000;
    private static final Map<String, Long> SYSTEM =
            Map.of("system-node-critical", 2_000_001_000L, "system-cluster-critical", 2_000_000_000L);

    @Override
    public void setDefaults(ObjectNode one) {
        Defaults.text(one, "preemptionPolicy", "PreemptLowerPriority");
        Defaults.number(one, "value", 0);
    }

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        var name = Meta.name(one);
        long value = one.path("value").longValue(0);
        if (name.startsWith("system-")) {
            var known = SYSTEM.get(name);
            if (known == null) {
                errors.forbidden(
                        Field.of(one, "metadata").at("name"),
                        "priority class names with 'system-' prefix are reserved for system use only. error: %s is not a"
                                        .formatted(name)
                                + " known system priority class");
            } else if (known != value) {
                errors.forbidden(
                        Field.of(one, "metadata").at("name"),
                        "priority class names with 'system-' prefix are reserved for system use only. error: value of %s"
                                        .formatted(name)
                                + " PriorityClass must be " + known);
            }
        } else if (value > HIGHEST) {
            errors.forbidden(Field.of(one, "value"), "maximum allowed value of a user defined priority is " + HIGHEST);
        }
        errors.oneOf(Field.of(one, "preemptionPolicy"), List.of("PreemptLowerPriority", "Never"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        if (one.path("value").longValue(0) != old.path("value").longValue(0)) {
            errors.forbidden(Field.of(one, "value"), "may not be changed in an update.");
        }
        errors.immutable(Field.of(one, "preemptionPolicy"), Field.of(old, "preemptionPolicy"));
        return errors.list();
    }
}
