package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.kinds.WebhookClientRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import dev.sampan.schema.Schema;
import dev.sampan.schema.cel.CelRules;
import dev.sampan.schema.crd.StructuralSchemas;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What a definition has to fulfil, in Kubernetes' words. */
final class CrdValidation {

    private final List<FieldError> errors = new ArrayList<>();

    private CrdValidation() {}

    static List<FieldError> validate(Crd crd) {
        var validation = new CrdValidation();
        validation.all(crd);
        return validation.errors;
    }

    private void all(Crd crd) {
        var wanted = crd.plural() + "." + crd.group();
        if (!crd.name().equals(wanted)) {
            errors.add(FieldError.invalid("metadata.name", crd.name(), "must be spec.names.plural+\".\"+spec.group"));
        }
        group(crd.group());
        var scope = crd.spec().path("scope").asString("");
        if (scope.isEmpty()) {
            errors.add(FieldError.required("spec.scope", ""));
        } else if (!scope.equals("Cluster") && !scope.equals("Namespaced")) {
            errors.add(FieldError.notSupported("spec.scope", scope, List.of("Cluster", "Namespaced")));
        }
        names(crd.names());
        versions(crd);
        conversion(crd.spec().path("conversion"));
        storedVersions(crd);
        approval(crd);
    }

    private void group(String group) {
        if (group.isEmpty()) {
            errors.add(FieldError.required("spec.group", ""));
            return;
        }
        Names.dns1123Subdomain(group).forEach(e -> errors.add(FieldError.invalid("spec.group", group, e)));
        if (!group.contains(".")) {
            errors.add(FieldError.invalid("spec.group", group, "should be a domain with at least one dot"));
        }
    }

    private void names(JsonNode names) {
        name(names, "plural", true);
        name(names, "singular", false);
        name(names, "kind", true);
        name(names, "listKind", false);
        int i = 0;
        for (var shortName : Crd.strings(names.path("shortNames"))) {
            var field = "spec.names.shortNames[" + i++ + "]";
            Names.dns1035Label(shortName).forEach(e -> errors.add(FieldError.invalid(field, shortName, e)));
        }
        var kind = names.path("kind").asString("");
        if (!kind.isEmpty() && kind.equals(names.path("listKind").asString(""))) {
            errors.add(FieldError.invalid("spec.names.listKind", kind, "kind and listKind may not be the same"));
        }
    }

    private void name(JsonNode names, String field, boolean required) {
        var value = names.path(field).asString("");
        var path = "spec.names." + field;
        if (value.isEmpty()) {
            if (required) {
                errors.add(FieldError.required(path, ""));
            }
            return;
        }
        var checked = field.endsWith("ind") ? value.toLowerCase(Locale.ROOT) : value;
        Names.dns1035Label(checked).forEach(e -> errors.add(FieldError.invalid(path, value, e)));
    }

    private void versions(Crd crd) {
        var versions = crd.spec().path("versions");
        if (versions.isEmpty()) {
            errors.add(FieldError.required("spec.versions", "must have at least one version"));
            return;
        }
        var seen = new HashSet<String>();
        boolean same = sameSchemas(versions);
        int storage = 0;
        int i = 0;
        for (var version : versions) {
            var path = "spec.versions[" + i++ + "]";
            var name = version.path("name").asString("");
            if (!seen.add(name)) {
                errors.add(FieldError.invalid(path + ".name", name, "must contain unique version names"));
            }
            Names.dns1035Label(name).forEach(e -> errors.add(FieldError.invalid(path + ".name", name, e)));
            storage += version.path("storage").asBoolean(false) ? 1 : 0;
            var schema = version.path("schema").path("openAPIV3Schema");
            if (schema.isMissingNode()) {
                errors.add(FieldError.required(path + ".schema.openAPIV3Schema", "schemas are required"));
            } else {
                if (!same) {
                    schema(schema, path + ".schema.openAPIV3Schema");
                } else if (i == 1) {
                    schema(schema, "spec.validation.openAPIV3Schema");
                }
                SelectableFieldChecks.check(version, path, errors);
            }
            columns(version, path);
        }
        if (storage != 1) {
            errors.add(FieldError.invalid(
                    "spec.versions", versions, "must have exactly one version marked as storage version"));
        }
    }

    /** Kubernetes then speaks of the one schema that {@code apiextensions.k8s.io/v1beta1} had. */
    private static boolean sameSchemas(JsonNode versions) {
        var first = versions.path(0).path("schema");
        return versions.valueStream().allMatch(v -> v.path("schema").equals(first));
    }

    private void columns(JsonNode version, String path) {
        int i = 0;
        for (var column : version.path("additionalPrinterColumns")) {
            var at = path + ".additionalPrinterColumns[" + i++ + "]";
            for (var field : List.of("name", "type", "jsonPath")) {
                if (column.path(field).asString("").isEmpty()) {
                    errors.add(FieldError.required(at + "." + field, ""));
                }
            }
            var type = column.path("type").asString("string");
            var types = List.of("boolean", "date", "integer", "number", "string");
            if (!types.contains(type)) {
                errors.add(FieldError.invalid(at + ".type", type, "must be one of " + String.join(",", types)));
            }
        }
    }

    private void schema(JsonNode schema, String path) {
        var structural = StructuralSchemas.validate(schema, path);
        errors.addAll(structural);
        if (structural.isEmpty()) {
            errors.addAll(CelRules.compile(Schema.ofCrd(schema), path).problems());
        }
    }

    private void conversion(JsonNode conversion) {
        var strategy = conversion.path("strategy").asString("None");
        var webhook = conversion.path("webhook");
        if (!strategy.equals("None") && !strategy.equals("Webhook")) {
            errors.add(FieldError.notSupported("spec.conversion.strategy", strategy, List.of("None", "Webhook")));
        } else if (strategy.equals("None")) {
            if (webhook.isObject()) {
                errors.add(FieldError.forbidden(
                        "spec.conversion.webhook", "should not be set when strategy is not set to Webhook"));
            }
        } else if (!webhook.path("clientConfig").isObject()) {
            errors.add(FieldError.required(
                    "spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook"));
        } else {
            errors.addAll(
                    WebhookClientRules.validate(webhook.path("clientConfig"), "spec.conversion.webhook.clientConfig"));
            reviewVersions(webhook.path("conversionReviewVersions"));
        }
    }

    private void reviewVersions(JsonNode versions) {
        var path = "spec.conversion.webhook.conversionReviewVersions";
        if (versions.isEmpty()) {
            errors.add(FieldError.required(path, ""));
        } else if (!Crd.strings(versions).contains("v1")) {
            errors.add(FieldError.invalid(path, versions, "must include v1"));
        }
    }

    /** Versions that objects may still be stored in cannot go. */
    private void storedVersions(Crd crd) {
        var names = new HashSet<String>();
        crd.spec().path("versions").forEach(v -> names.add(v.path("name").asString("")));
        int i = 0;
        for (var stored : crd.storedVersions()) {
            if (!names.contains(stored)) {
                errors.add(FieldError.invalid(
                        "status.storedVersions[" + i + "]",
                        stored,
                        ("missing from spec.versions; %1$s was previously a storage version, and must remain in spec.versions"
                                        + " until a storage migration ensures no data remains persisted in %1$s and removes"
                                        + " %1$s from status.storedVersions")
                                .formatted(stored)));
            }
            i++;
        }
    }

    /** Kubernetes' own groups are for definitions that its project approved. */
    private void approval(Crd crd) {
        if (!Approval.isNeeded(crd.group())) {
            return;
        }
        var value = Approval.of(crd);
        var field = "metadata.annotations[" + Approval.ANNOTATION + "]";
        if (value.isEmpty()) {
            errors.add(FieldError.required(
                    field,
                    "protected groups must have approval annotation \"%s\", see %s"
                            .formatted(Approval.ANNOTATION, Approval.MORE)));
        } else if (!Approval.isGiven(value) && !Approval.isBypassed(value)) {
            errors.add(FieldError.invalid(
                    field,
                    value,
                    "protected groups must have approval annotation \"%s\" with either a URL or a reason starting with"
                                    .formatted(Approval.ANNOTATION)
                            + " \"unapproved\", see " + Approval.MORE));
        }
    }
}
