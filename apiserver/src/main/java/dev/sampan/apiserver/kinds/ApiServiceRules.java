package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.time.temporal.ChronoUnit;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** APIServices. */
final class ApiServiceRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode apiService) {
        if (apiService.path("spec").path("service") instanceof ObjectNode service && !service.has("port")) {
            service.put("port", 443);
        }
    }

    /** {@code v1.} is the core group's. */
    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    /** What this server answers itself is available from the first moment. */
    @Override
    public void prepareForCreate(ObjectNode apiService, RequestContext context) {
        if (!apiService.path("spec").path("service").isObject()) {
            apiService
                    .putObject("status")
                    .putArray("conditions")
                    .addObject()
                    .put("type", "Available")
                    .put("status", "True")
                    .put(
                            "lastTransitionTime",
                            context.now().truncatedTo(ChronoUnit.SECONDS).toString())
                    .put("reason", "Local")
                    .put("message", "Local APIServices are always available");
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode apiService) {
        var errors = new Errors();
        var spec = Field.of(apiService, "spec");
        var name = spec.text("version") + "." + spec.text("group");
        if (!Meta.name(apiService).equals(name)) {
            errors.invalid(
                    new Field("metadata.name", apiService.path("metadata").path("name")),
                    "must be `spec.version+\".\"+spec.group`: \"%s\"".formatted(name));
        }
        if (spec.text("version").isEmpty()) {
            errors.required(spec.at("version"), "");
        } else {
            errors.names(spec.at("version"), Names.dns1035Label(spec.text("version")));
        }
        if (spec.text("group").isEmpty()) {
            if (!spec.text("version").equals("v1")) {
                errors.required(spec.at("group"), "only v1 may have an empty group and it better be legacy kube");
            }
        } else {
            errors.names(spec.at("group"), Names.dns1123Subdomain(spec.text("group")));
        }
        priority(errors, spec.at("groupPriorityMinimum"), 20_000);
        priority(errors, spec.at("versionPriority"), 1000);
        service(errors, spec);
        return errors.list();
    }

    private static void priority(Errors errors, Field field, long max) {
        if (field.number(0) <= 0 || field.number(0) > max) {
            errors.invalid(field, field.number(0), "must be positive and less than " + max);
        }
    }

    private static void service(Errors errors, Field spec) {
        var service = spec.at("service");
        if (!service.present()) {
            if (!spec.text("caBundle").isEmpty()) {
                errors.invalid(spec.at("caBundle"), "local APIServices may not have a caBundle");
            }
            if (spec.flag("insecureSkipTLSVerify")) {
                errors.invalid(
                        spec.at("insecureSkipTLSVerify"), "local APIServices may not have insecureSkipTLSVerify");
            }
            return;
        }
        if (service.text("namespace").isEmpty()) {
            errors.required(service.at("namespace"), "");
        }
        if (service.text("name").isEmpty()) {
            errors.required(service.at("name"), "");
        }
        errors.port(service.at("port"));
        if (spec.flag("insecureSkipTLSVerify") && !spec.text("caBundle").isEmpty()) {
            errors.invalid(spec.at("insecureSkipTLSVerify"), "may not be true if caBundle is present");
        }
    }
}
