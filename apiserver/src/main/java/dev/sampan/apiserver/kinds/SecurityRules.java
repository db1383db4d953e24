package dev.sampan.apiserver.kinds;

import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** Security contexts. */
final class SecurityRules {

    private static final List<String> PROFILES = List.of("Localhost", "RuntimeDefault", "Unconfined");
    private static final int MAX_SYSCTL = 253;
    private static final Pattern SYSCTL =
            Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");
    private static final long MAX_ID = Integer.MAX_VALUE;

    private SecurityRules() {}

    static void pod(Errors errors, Field context, Field spec) {
        ids(errors, context);
        for (var group : context.at("supplementalGroups").items()) {
            id(errors, group);
        }
        id(errors, context.at("fsGroup"));
        if (!context.text("fsGroupChangePolicy").isEmpty()) {
            errors.oneOf(context.at("fsGroupChangePolicy"), List.of("Always", "OnRootMismatch"));
        }
        profile(errors, context.at("seccompProfile"));
        sysctls(errors, context.at("sysctls"), spec);
        if (spec.flag("shareProcessNamespace") && spec.flag("hostPID")) {
            errors.invalid(
                    context.at("shareProcessNamespace"),
                    true,
                    "ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }

    private static void sysctls(Errors errors, Field sysctls, Field spec) {
        var seen = new HashSet<String>();
        for (var sysctl : sysctls.items()) {
            var name = sysctl.at("name");
            if (name.text().isEmpty()) {
                errors.required(name, "");
            } else if (name.text().length() > MAX_SYSCTL
                    || !SYSCTL.matcher(name.text()).matches()) {
                errors.invalid(
                        name, "must have at most %d characters and match regex ^%s$".formatted(MAX_SYSCTL, SYSCTL));
            } else if (!seen.add(name.text())) {
                errors.duplicate(name);
            }
            if (spec.flag("hostNetwork") && name.text().matches("net[./].*")) {
                errors.invalid(name, "sysctl not allowed with host net enabled");
            }
        }
    }

    static void container(Errors errors, Field context) {
        if (!context.present()) {
            return;
        }
        ids(errors, context);
        profile(errors, context.at("seccompProfile"));
        var escalation = context.at("allowPrivilegeEscalation");
        if (!escalation.present() || escalation.flag()) {
            return;
        }
        if (context.flag("privileged")) {
            errors.invalid(escalation, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        for (var capability : context.at("capabilities").at("add").items()) {
            if (capability.text().equals("CAP_SYS_ADMIN")) {
                errors.invalid(
                        escalation,
                        "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }

    private static void ids(Errors errors, Field context) {
        id(errors, context.at("runAsUser"));
        id(errors, context.at("runAsGroup"));
    }

    private static void id(Errors errors, Field id) {
        errors.range(id, 0, MAX_ID);
    }

    private static void profile(Errors errors, Field profile) {
        if (!profile.present()) {
            return;
        }
        errors.requiredOneOf(profile.at("type"), PROFILES);
        if (profile.text("type").equals("Localhost")
                && profile.text("localhostProfile").isEmpty()) {
            errors.required(profile.at("localhostProfile"), "must be set when seccomp type is Localhost");
        }
    }
}
