package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Nodes, which register with their status. */
final class NodeRules implements KindRules {

    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    @Override
    public void setDefaults(ObjectNode node) {
        if (node.path("status") instanceof ObjectNode status
                && status.path("capacity").isObject()
                && Defaults.absent(status, "allocatable")) {
            status.set("allocatable", status.path("capacity").deepCopy());
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode node) {
        var errors = new Errors();
        var spec = Field.of(node, "spec");
        taints(errors, spec.at("taints"));
        for (var cidr : spec.at("podCIDRs").items()) {
            Addresses.checkCidr(errors, cidr);
        }
        amounts(errors, Field.of(node, "status"));
        return errors.list();
    }

    private static void taints(Errors errors, Field taints) {
        var seen = new HashSet<String>();
        for (var taint : taints.items()) {
            errors.names(taint.at("key"), Names.qualifiedName(taint.text("key")));
            errors.names(taint.at("value"), Names.labelValue(taint.text("value")));
            errors.requiredOneOf(taint.at("effect"), EFFECTS);
            if (!seen.add(taint.text("key") + ":" + taint.text("effect"))) {
                errors.add(FieldError.duplicate(taint.path(), taint.value()));
            }
        }
    }

    private static void amounts(Errors errors, Field status) {
        for (var list : new String[] {"capacity", "allocatable"}) {
            for (var entry : status.at(list).value().properties()) {
                errors.quantityNotNegative(status.at(list).key(entry.getKey()));
            }
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode node, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(node, "spec");
        var before = Field.of(old, "spec");
        if (!before.text("providerID").isEmpty()) {
            if (!spec.text("providerID").equals(before.text("providerID"))) {
                errors.forbidden(
                        spec.at("providerID"), "node updates may not change providerID except from \"\" to valid");
            }
        }
        if (!before.at("podCIDRs").value().isEmpty() && !Errors.same(spec.at("podCIDRs"), before.at("podCIDRs"))) {
            errors.forbidden(spec.at("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode node, ObjectNode old) {
        var errors = new Errors();
        amounts(errors, Field.of(node, "status"));
        return errors.list();
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode node) {
        return Map.of(
                "spec.unschedulable",
                String.valueOf(node.path("spec").path("unschedulable").booleanValue(false)));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.unschedulable");
    }

    @Override
    public boolean keepsStatusOnCreate() {
        return true;
    }
}
