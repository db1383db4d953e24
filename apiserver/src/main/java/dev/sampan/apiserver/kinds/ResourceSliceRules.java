package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** ResourceSlices: the devices of one driver that some nodes reach. */
final class ResourceSliceRules implements KindRules {

    private static final int MAX_DEVICES = 128;
    private static final List<String> WHERE = List.of("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection");

    @Override
    public List<FieldError> validate(ObjectNode slice) {
        var errors = new Errors();
        var spec = Field.of(slice, "spec");
        DeviceRules.driver(errors, spec.at("driver"));
        pool(errors, spec.at("pool"));
        where(errors, spec);
        var devices = spec.at("devices");
        DeviceRules.atMost(errors, devices, MAX_DEVICES);
        Set<String> names = new HashSet<>();
        devices.items().forEach(device -> DeviceRules.name(errors, device.at("name"), names));
        return errors.list();
    }

    private static void pool(Errors errors, Field pool) {
        var name = pool.at("name");
        if (name.text().isEmpty()) {
            errors.required(name, "");
        } else {
            for (var part : name.text().split("/", -1)) {
                errors.names(name, Names.dns1123Subdomain(part));
            }
        }
        if (pool.at("resourceSliceCount").number(0) <= 0) {
            errors.invalid(pool.at("resourceSliceCount"), "must be greater than zero");
        }
        if (pool.at("generation").number(0) < 0) {
            errors.invalid(pool.at("generation"), Errors.NOT_NEGATIVE);
        }
    }

    private static void where(Errors errors, Field spec) {
        long set = WHERE.stream()
                .filter(f -> f.startsWith("node")
                        ? spec.has(f) && !spec.at(f).value().isEmpty()
                                || !spec.text(f).isEmpty()
                        : spec.flag(f))
                .count();
        var choice = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
        if (set == 0) {
            errors.required(spec, choice);
        } else if (set > 1) {
            errors.invalid(spec, "{" + String.join(", ", WHERE) + "}", choice);
        }
        if (!spec.text("nodeName").isEmpty()) {
            errors.names(spec.at("nodeName"), Names.dns1123Subdomain(spec.text("nodeName")));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode slice, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(slice, "spec");
        var before = Field.of(old, "spec");
        errors.immutable(spec.at("pool").at("name"), before.at("pool").at("name"));
        errors.immutable(spec.at("driver"), before.at("driver"));
        errors.immutable(spec.at("nodeName"), before.at("nodeName"));
        errors.immutable(spec.at("allNodes"), before.at("allNodes"));
        return errors.list();
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode slice) {
        var spec = Field.of(slice, "spec");
        return Map.of("spec.nodeName", spec.text("nodeName"), "spec.driver", spec.text("driver"));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.nodeName", "spec.driver");
    }
}
