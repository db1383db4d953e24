package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** VolumeAttachments. */
final class VolumeAttachmentRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode attachment) {
        Defaults.flag(Defaults.object(attachment, "status"), "attached", false);
    }

    @Override
    public void prepareForCreate(ObjectNode attachment, RequestContext context) {
        attachment.putObject("status").put("attached", false);
    }

    @Override
    public List<FieldError> validate(ObjectNode attachment) {
        var errors = new Errors();
        var spec = Field.of(attachment, "spec");
        CsiDriverRules.name(errors, spec.at("attacher"));
        var source = spec.at("source");
        boolean volume = !source.text("persistentVolumeName").isEmpty();
        if (volume == source.has("inlineVolumeSpec")) {
            var why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
            if (volume) {
                errors.forbidden(source.at("inlineVolumeSpec"), why);
            } else {
                errors.required(source, why);
            }
        }
        var node = spec.at("nodeName");
        errors.names(node, Names.dns1123Subdomain(node.text()));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode attachment, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(attachment, "spec"), Field.of(old, "spec"));
        return errors.list();
    }
}
