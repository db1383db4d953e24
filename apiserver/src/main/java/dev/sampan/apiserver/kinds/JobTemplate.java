package dev.sampan.apiserver.kinds;

import tools.jackson.databind.node.ObjectNode;

/** The job in a CronJob, which gets its defaults only when it is made, and is checked as if it had them. */
final class JobTemplate {

    private JobTemplate() {}

    static void check(Errors errors, Field spec) {
        if (!(spec.value() instanceof ObjectNode given)) {
            errors.required(spec, "");
            return;
        }
        var copy = given.deepCopy();
        Defaults.text(copy, "completionMode", "NonIndexed");
        Defaults.text(
                copy,
                "podReplacementPolicy",
                Defaults.has(copy, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        JobRules.validateSpec(errors, new Field(spec.path(), copy));
    }
}
