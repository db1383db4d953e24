package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Jobs. */
final class JobRules implements KindRules {

    private static final String PREFIX = "batch.kubernetes.io/";
    private static final String UID_LABEL = PREFIX + "controller-uid";
    private static final String NAME_LABEL = PREFIX + "job-name";
    private static final long MAX_INDEXED_PARALLELISM = 100_000;

    @Override
    public void setDefaults(ObjectNode job) {
        var spec = Workloads.spec(job);
        if (Defaults.absent(spec, "completions") && Defaults.absent(spec, "parallelism")) {
            spec.put("completions", 1);
        }
        Defaults.number(spec, "parallelism", 1);
        Defaults.number(spec, "backoffLimit", Defaults.has(spec, "backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        Defaults.text(spec, "completionMode", "NonIndexed");
        Defaults.flag(spec, "suspend", false);
        Defaults.flag(spec, "manualSelector", false);
        Defaults.text(
                spec,
                "podReplacementPolicy",
                Defaults.has(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        failurePolicy(spec.path("podFailurePolicy"));
        var labels = spec.path("template").path("metadata").path("labels");
        var metadata = Defaults.object(job, "metadata");
        if (metadata.path("labels").isEmpty() && !labels.isEmpty()) {
            metadata.set("labels", labels.deepCopy());
        }
        PodDefaults.template(spec.path("template"));
    }

    private static void failurePolicy(JsonNode policy) {
        for (var rule : policy.path("rules")) {
            for (var pattern : rule.path("onPodConditions")) {
                if (pattern instanceof ObjectNode condition) {
                    Defaults.text(condition, "status", "True");
                }
            }
        }
    }

    @Override
    public void prepareForCreate(ObjectNode job, RequestContext context) {
        var spec = Workloads.spec(job);
        UnnamedContainer.name(spec.path("template").path("spec"), "spec.template.spec", context);
        if (!spec.path("manualSelector").booleanValue(false)) {
            generateSelector(job, spec);
        }
    }

    /** Pods of a job are told from those of every other job, also of an earlier one of the same name, by its uid. */
    private static void generateSelector(ObjectNode job, ObjectNode spec) {
        if (!(spec.path("template") instanceof ObjectNode template)) {
            return;
        }
        var uid = Meta.uid(job);
        var labels = Defaults.object(Defaults.object(template, "metadata"), "labels");
        Defaults.text(labels, "controller-uid", uid);
        Defaults.text(labels, "job-name", Meta.name(job));
        Defaults.text(labels, UID_LABEL, uid);
        Defaults.text(labels, NAME_LABEL, Meta.name(job));
        var matched = Defaults.object(Defaults.object(spec, "selector"), "matchLabels");
        Defaults.text(matched, UID_LABEL, uid);
    }

    @Override
    public List<FieldError> validate(ObjectNode job) {
        var errors = new Errors();
        var spec = Field.of(job, "spec");
        validateSpec(errors, spec);
        if (!spec.has("selector")) {
            errors.required(spec.at("selector"), "");
        } else {
            errors.selector(spec.at("selector"));
        }
        generatedLabels(errors, job, spec);
        return errors.list();
    }

    private static void generatedLabels(Errors errors, ObjectNode job, Field spec) {
        var labels = spec.at("template").at("metadata").at("labels");
        var selector = Errors.parsed(spec.at("selector").value());
        if (!spec.flag("manualSelector")) {
            for (var expected : List.of(
                    Map.entry("controller-uid", Meta.uid(job)),
                    Map.entry(UID_LABEL, Meta.uid(job)),
                    Map.entry("job-name", Meta.name(job)),
                    Map.entry(NAME_LABEL, Meta.name(job)))) {
                if (!labels.text(expected.getKey()).equals(expected.getValue())) {
                    errors.invalid(
                            labels,
                            labels.value(),
                            "must have `%s: %s`".formatted(expected.getKey(), expected.getValue()));
                }
            }
        }
        if (selector != null && spec.has("selector") && !selector.matches(Meta.strings(labels.value()))) {
            errors.invalid(
                    labels, labels.present() ? labels.value() : null, "`selector` does not match template `labels`");
        }
    }

    /** Also for the template of a CronJob, which has no selector. */
    static void validateSpec(Errors errors, Field spec) {
        for (var name : new String[] {
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes"
        }) {
            errors.notNegative(spec.at(name));
        }
        errors.oneOf(spec.at("completionMode"), List.of("NonIndexed", "Indexed"));
        if (spec.text("completionMode").equals("Indexed")) {
            if (!spec.has("completions")) {
                errors.required(spec.at("completions"), "when completion mode is Indexed");
            }
            if (spec.at("parallelism").number(0) > MAX_INDEXED_PARALLELISM) {
                errors.invalid(
                        spec.at("parallelism"), "must be less than or equal to 100000 when completion mode is Indexed");
            }
        } else if (spec.has("backoffLimitPerIndex")) {
            errors.invalid(spec.at("backoffLimitPerIndex"), "requires indexed completion mode");
        }
        PodSpecRules.template(errors, spec.at("template"));
        var policy = spec.at("template").at("spec").at("restartPolicy");
        if (policy.text().equals("Always") || policy.text().isEmpty()) {
            errors.required(policy, "valid values: \"OnFailure\", \"Never\"");
        } else if (PodSpecRules.RESTART_POLICIES.contains(policy.text())
                && policy.text().equals("OnFailure")
                && spec.has("podFailurePolicy")) {
            errors.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
        errors.oneOf(spec.at("podReplacementPolicy"), List.of("Failed", "TerminatingOrFailed"));
        failureRules(errors, spec.at("podFailurePolicy"));
    }

    private static void failureRules(Errors errors, Field policy) {
        for (var rule : policy.at("rules").items()) {
            errors.requiredOneOf(rule.at("action"), List.of("Count", "FailIndex", "FailJob", "Ignore"));
            var codes = rule.at("onExitCodes");
            if (codes.present()) {
                errors.requiredOneOf(codes.at("operator"), List.of("In", "NotIn"));
                if (codes.at("values").value().isEmpty()) {
                    errors.invalid(codes.at("values"), "at least one value is required");
                }
            } else if (rule.at("onPodConditions").value().isEmpty()) {
                errors.invalid(rule, "specifying one of OnExitCodes and OnPodConditions is required");
            }
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode job, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(job, "spec");
        var before = Field.of(old, "spec");
        var indexed = spec.text("completionMode").equals("Indexed");
        // An indexed job may grow or shrink when both numbers change together.
        if (!indexed
                || spec.at("completions").number(-1) != spec.at("parallelism").number(-2)) {
            errors.immutable(spec.at("completions"), before.at("completions"));
        }
        errors.immutable(spec.at("selector"), before.at("selector"));
        errors.immutable(spec.at("completionMode"), before.at("completionMode"));
        errors.immutable(spec.at("podFailurePolicy"), before.at("podFailurePolicy"));
        errors.immutable(spec.at("backoffLimitPerIndex"), before.at("backoffLimitPerIndex"));
        template(errors, spec, before, old);
        return errors.list();
    }

    /** A job that never started, or was suspended and has no pods, may be told where its pods go. */
    private static void template(Errors errors, Field spec, Field before, ObjectNode old) {
        var now = spec.at("template");
        if (before.flag("suspend") && Defaults.absent(old.path("status"), "startTime")) {
            var allowed = before.at("template").value().deepCopy();
            for (var name : new String[] {"nodeSelector", "tolerations", "affinity", "schedulingGates"}) {
                set(Defaults.child(allowed, "spec"), now.value().path("spec"), name);
            }
            for (var name : new String[] {"labels", "annotations"}) {
                set(Defaults.child(allowed, "metadata"), now.value().path("metadata"), name);
            }
            errors.immutable(now, new Field(now.path(), allowed));
        } else {
            errors.immutable(now, before.at("template"));
        }
    }

    private static void set(ObjectNode to, JsonNode from, String name) {
        if (from.has(name)) {
            to.set(name, from.path(name));
        } else {
            to.remove(name);
        }
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode job, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(job, "status");
        for (var name : new String[] {"active", "succeeded", "failed", "ready", "terminating"}) {
            errors.notNegative(status.at(name));
        }
        return errors.list();
    }

    @Override
    public List<String> warnings(ObjectNode job) {
        return Workloads.templateWarnings(job);
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode job) {
        return Map.of(
                "status.successful",
                String.valueOf(job.path("status").path("succeeded").longValue(0)));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.successful");
    }

    @Override
    public boolean orphansByDefault() {
        return true;
    }
}
