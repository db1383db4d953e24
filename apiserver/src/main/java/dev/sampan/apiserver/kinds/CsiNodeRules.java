package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** CSINodes. */
final class CsiNodeRules implements KindRules {

    private static final int MAX_NODE_ID = 256;

    @Override
    public List<FieldError> validate(ObjectNode node) {
        var errors = new Errors();
        var names = new HashSet<String>();
        for (var driver : Field.of(node, "spec").at("drivers").items()) {
            CsiDriverRules.name(errors, driver.at("name"));
            if (!names.add(driver.text("name"))) {
                errors.duplicate(driver.at("name"));
            }
            var id = driver.at("nodeID");
            if (id.text().isEmpty()) {
                errors.required(id, "");
            } else if (id.text().length() > MAX_NODE_ID) {
                errors.invalid(id, "must be %d characters or less".formatted(MAX_NODE_ID));
            }
            topology(errors, driver.at("topologyKeys"));
            errors.notNegative(driver.at("allocatable").at("count"));
        }
        return errors.list();
    }

    private static void topology(Errors errors, Field keys) {
        var seen = new HashSet<String>();
        for (var key : keys.items()) {
            if (key.text().isEmpty()) {
                errors.required(key, "");
            } else if (!seen.add(key.text())) {
                errors.duplicate(key);
            }
            errors.names(key, Names.qualifiedName(key.text()));
        }
    }

    /** A driver comes and goes, but does not change. */
    @Override
    public List<FieldError> validateUpdate(ObjectNode node, ObjectNode old) {
        var errors = new Errors();
        for (var driver : Field.of(node, "spec").at("drivers").items()) {
            for (var before : Field.of(old, "spec").at("drivers").items()) {
                boolean same = driver.text("name").equals(before.text("name"));
                if (same && !Errors.same(driver, before)) {
                    errors.invalid(driver, Errors.IMMUTABLE);
                }
            }
        }
        return errors.list();
    }
}
