package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** PersistentVolumes. */
final class PersistentVolumeRules implements KindRules {

    static final List<String> ACCESS_MODES =
            List.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
    private static final Set<String> NOT_SOURCES = Set.of(
            "capacity",
            "accessModes",
            "claimRef",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "mountOptions",
            "volumeMode",
            "nodeAffinity",
            "volumeAttributesClassName");

    @Override
    public void setDefaults(ObjectNode volume) {
        var spec = Defaults.object(volume, "spec");
        Defaults.text(spec, "persistentVolumeReclaimPolicy", "Retain");
        Defaults.text(spec, "volumeMode", "Filesystem");
        if (spec.path("hostPath") instanceof ObjectNode path && Defaults.absent(path, "type")) {
            path.put("type", "");
        }
        if (spec.path("claimRef") instanceof ObjectNode ref && !ref.isEmpty()) {
            Defaults.text(ref, "apiVersion", "v1");
            Defaults.text(ref, "kind", "PersistentVolumeClaim");
        }
    }

    @Override
    public void prepareForCreate(ObjectNode volume, RequestContext context) {
        volume.putObject("status").put("phase", "Pending");
    }

    @Override
    public List<FieldError> validate(ObjectNode volume) {
        var errors = new Errors();
        var spec = Field.of(volume, "spec");
        accessModes(errors, spec.at("accessModes"), "");
        capacity(errors, spec.at("capacity"));
        errors.oneOf(spec.at("persistentVolumeReclaimPolicy"), List.of("Delete", "Recycle", "Retain"));
        errors.oneOf(spec.at("volumeMode"), List.of("Block", "Filesystem"));
        source(errors, spec);
        if (spec.at("nodeAffinity").has("required")) {
            new AffinityRules(errors).nodeSelector(spec.at("nodeAffinity").at("required"));
        } else if (spec.has("local")) {
            errors.required(spec.at("nodeAffinity"), "Local volume requires node affinity");
        }
        if (!spec.text("storageClassName").isEmpty()) {
            errors.names(spec.at("storageClassName"), Names.dns1123Subdomain(spec.text("storageClassName")));
        }
        return errors.list();
    }

    static void accessModes(Errors errors, Field modes, String ifNone) {
        if (modes.value().isEmpty()) {
            errors.required(modes, ifNone);
        }
        var once = false;
        for (var mode : modes.items()) {
            if (!ACCESS_MODES.contains(mode.text())) {
                errors.add(FieldError.notSupported(modes.path(), mode.text(), ACCESS_MODES));
            }
            once |= mode.text().equals("ReadWriteOncePod");
        }
        if (once && modes.value().size() > 1) {
            errors.forbidden(modes, "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void capacity(Errors errors, Field capacity) {
        if (capacity.value().isEmpty()) {
            errors.required(capacity, "");
            return;
        }
        if (!capacity.value().has("storage") || capacity.value().size() > 1) {
            errors.add(FieldError.notSupported(capacity.path(), capacity.value(), List.of("storage")));
        }
        for (var entry : capacity.value().properties()) {
            var amount = errors.quantity(capacity.key(entry.getKey()));
            if (amount != null && amount.signum() <= 0) {
                errors.invalid(capacity.key(entry.getKey()), amount.toString(), "must be greater than zero");
            }
        }
    }

    private static void source(Errors errors, Field spec) {
        int sources = 0;
        for (var entry : spec.value().properties()) {
            if (NOT_SOURCES.contains(entry.getKey()) || entry.getValue().isNull()) {
                continue;
            }
            if (++sources > 1) {
                errors.forbidden(spec.at(entry.getKey()), "may not specify more than 1 volume type");
            } else if (entry.getKey().equals("hostPath")) {
                new VolumeRules(errors).hostPath(spec.at("hostPath"));
            } else if (entry.getKey().equals("local")
                    && spec.at("local").text("path").isEmpty()) {
                errors.required(spec.at("local").at("path"), "");
            }
        }
        boolean root = spec.at("hostPath").text("path").matches("/+");
        if (root && spec.text("persistentVolumeReclaimPolicy").equals("Recycle")) {
            errors.forbidden(
                    spec.at("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
        }
        if (sources == 0) {
            errors.required(spec, "must specify a volume type");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode volume, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(volume, "spec");
        var before = Field.of(old, "spec");
        if (!sourceOf(spec.value()).equals(sourceOf(before.value()))) {
            errors.forbidden(
                    new Field("spec.persistentvolumesource", spec.value()),
                    "spec.persistentvolumesource is immutable after creation\n"
                            + SpecDiff.of(sourceOf(before.value()), sourceOf(spec.value())));
        }
        errors.immutable(spec.at("volumeMode"), before.at("volumeMode"));
        if (before.has("nodeAffinity") && !Errors.same(spec.at("nodeAffinity"), before.at("nodeAffinity"))) {
            errors.invalid(spec.at("nodeAffinity"), Errors.IMMUTABLE);
        }
        return errors.list();
    }

    private static JsonNode sourceOf(JsonNode spec) {
        if (!(spec instanceof ObjectNode object)) {
            return spec;
        }
        var copy = object.deepCopy();
        copy.remove(NOT_SOURCES);
        return copy;
    }
}
