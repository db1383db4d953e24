package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.kinds.WebhookClientRules;
import dev.sampan.apiserver.registry.Meta;
import dev.sampan.schema.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Rules of CustomResourceDefinition itself. */
public final class CrdRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode object) {
        if (!(object.get("spec") instanceof ObjectNode spec)) {
            return;
        }
        if (spec.get("names") instanceof ObjectNode names) {
            var kind = names.path("kind").asString("");
            if (names.path("singular").asString("").isEmpty() && !kind.isEmpty()) {
                names.put("singular", kind.toLowerCase(Locale.ROOT));
            }
            if (names.path("listKind").asString("").isEmpty() && !kind.isEmpty()) {
                names.put("listKind", kind + "List");
            }
        }
        WebhookClientRules.setDefaults(spec.path("conversion").path("webhook").path("clientConfig"));
        if (!spec.has("conversion")) {
            spec.putObject("conversion").put("strategy", "None");
        }
        if (spec.path("preserveUnknownFields").isBoolean()
                && !spec.path("preserveUnknownFields").asBoolean()) {
            spec.remove("preserveUnknownFields");
        }
    }

    @Override
    public void prepareForCreate(ObjectNode object, RequestContext context) {
        var status = object.putObject("status");
        status.putNull("conditions");
        status.putObject("acceptedNames").put("plural", "").put("kind", "");
        status.putArray("storedVersions").add(new Crd(object).storageVersion());
    }

    @Override
    public void prepareForUpdate(ObjectNode object, ObjectNode old, RequestContext context) {
        var storage = new Crd(object).storageVersion();
        var crd = new Crd(object);
        if (!storage.isEmpty() && !crd.storedVersions().contains(storage)) {
            var status = object.get("status") instanceof ObjectNode present ? present.deepCopy() : null;
            if (status != null) {
                var versions = status.get("storedVersions") instanceof ArrayNode array
                        ? array
                        : status.putArray("storedVersions");
                versions.add(storage);
                object.set("status", status);
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode object) {
        return CrdValidation.validate(new Crd(object));
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
        var errors = new ArrayList<FieldError>();
        var before = new Crd(old);
        var after = new Crd(object);
        if (before.is("Established")) {
            immutable(errors, "spec.group", before.group(), after.group());
            immutable(errors, "spec.names.plural", before.plural(), after.plural());
            immutable(errors, "spec.names.kind", before.kind(), after.kind());
            immutable(
                    errors,
                    "spec.scope",
                    before.spec().path("scope").asString(""),
                    after.spec().path("scope").asString(""));
        }
        return errors;
    }

    /** Deletion waits until all instances are gone. */
    @Override
    public void markDeleting(ObjectNode object, RequestContext context) {
        var finalizers = new ArrayList<>(Meta.finalizers(object));
        if (!finalizers.contains(Crd.CLEANUP)) {
            finalizers.add(Crd.CLEANUP);
            Meta.setFinalizers(object, finalizers);
        }
        CrdStatus.terminating(
                object,
                "True",
                "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion;" + " CustomResource deletion will begin soon",
                context.now());
    }

    private static void immutable(List<FieldError> errors, String field, String before, String after) {
        if (!before.equals(after)) {
            errors.add(FieldError.invalid(field, after, "field is immutable"));
        }
    }
}
