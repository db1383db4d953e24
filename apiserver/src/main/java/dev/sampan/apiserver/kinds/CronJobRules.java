package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** CronJobs. */
final class CronJobRules implements KindRules {

    /** Jobs get eleven characters more, and have 63. */
    private static final int MAX_NAME = 52;

    @Override
    public void setDefaults(ObjectNode cron) {
        var spec = Workloads.spec(cron);
        Defaults.text(spec, "concurrencyPolicy", "Allow");
        Defaults.flag(spec, "suspend", false);
        Defaults.number(spec, "successfulJobsHistoryLimit", 3);
        Defaults.number(spec, "failedJobsHistoryLimit", 1);
        var template = Defaults.object(spec, "jobTemplate");
        Defaults.object(template, "metadata");
        PodDefaults.template(Defaults.object(template, "spec").path("template"));
    }

    @Override
    public List<FieldError> validate(ObjectNode cron) {
        var errors = new Errors();
        if (Meta.name(cron).length() > MAX_NAME) {
            errors.invalid(Field.of(cron, "metadata").at("name"), "must be no more than 52 characters");
        }
        var spec = Field.of(cron, "spec");
        var schedule = spec.at("schedule");
        if (schedule.text().isEmpty()) {
            errors.required(schedule, "");
        } else {
            schedule(errors, schedule);
        }
        if (spec.has("timeZone")) {
            timeZone(errors, spec.at("timeZone"));
        }
        errors.notNegative(spec.at("startingDeadlineSeconds"));
        errors.requiredOneOf(spec.at("concurrencyPolicy"), List.of("Allow", "Forbid", "Replace"));
        errors.notNegative(spec.at("successfulJobsHistoryLimit"));
        errors.notNegative(spec.at("failedJobsHistoryLimit"));
        template(errors, spec.at("jobTemplate").at("spec"));
        return errors.list();
    }

    private static void schedule(Errors errors, Field schedule) {
        var text = schedule.text();
        if (text.startsWith("TZ=") || text.startsWith("CRON_TZ=")) {
            errors.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        var problem = CronSchedule.problem(text);
        if (!problem.isEmpty()) {
            errors.invalid(schedule, problem);
        }
    }

    private static void timeZone(Errors errors, Field zone) {
        if (zone.text().isEmpty()) {
            errors.invalid(zone, "timeZone must be nil or non-empty string");
        } else if (zone.text().equalsIgnoreCase("local")) {
            errors.invalid(
                    zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        } else {
            try {
                ZoneId.of(zone.text());
            } catch (DateTimeException e) {
                errors.invalid(zone, "unknown time zone " + zone.text());
            }
        }
    }

    private static void template(Errors errors, Field spec) {
        JobTemplate.check(errors, spec);
        if (spec.flag("manualSelector")) {
            errors.add(FieldError.notSupported(spec.at("manualSelector").path(), true, List.of("nil", "false")));
        }
    }

    @Override
    public List<String> warnings(ObjectNode cron) {
        return PodWarnings.of(Field.of(cron, "spec")
                .at("jobTemplate")
                .at("spec")
                .at("template")
                .at("spec"));
    }
}
