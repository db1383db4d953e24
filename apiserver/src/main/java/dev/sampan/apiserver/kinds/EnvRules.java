package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Environment variables and where their values come from. */
final class EnvRules {

    static final List<String> VOLUME_PATHS =
            List.of("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid");
    private static final List<String> ENV_PATHS = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(labels|annotations)\\['(.*)']");
    private static final Set<String> RESOURCES = Set.of(
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.ephemeral-storage");

    private final Errors errors;

    EnvRules(Errors errors) {
        this.errors = errors;
    }

    void check(Field container) {
        for (var variable : container.at("env").items()) {
            if (variable.text("name").isEmpty()) {
                errors.required(variable.at("name"), "");
            } else {
                errors.names(variable.at("name"), Names.envVarName(variable.text("name")));
            }
            if (variable.has("valueFrom")) {
                valueFrom(variable.at("valueFrom"), !variable.text("value").isEmpty());
            }
        }
        for (var from : container.at("envFrom").items()) {
            if (!from.text("prefix").isEmpty()) {
                errors.names(from.at("prefix"), Names.envVarName(from.text("prefix")));
            }
            var config = from.has("configMapRef");
            var secret = from.has("secretRef");
            if (!config && !secret) {
                errors.invalid(from, "", "must specify one of: `configMapRef` or `secretRef`");
            } else if (config && secret) {
                errors.invalid(from, "", "may not have more than one field specified at a time");
            }
            for (var source : new String[] {"configMapRef", "secretRef"}) {
                if (from.has(source) && from.at(source).text("name").isEmpty()) {
                    errors.required(from.at(source).at("name"), "");
                }
            }
        }
    }

    private void valueFrom(Field from, boolean alsoValue) {
        int sources = 0;
        if (from.has("fieldRef")) {
            sources++;
            fieldRef(errors, from.at("fieldRef"), ENV_PATHS, true);
        }
        if (from.has("resourceFieldRef")) {
            sources++;
            resourceRef(errors, from.at("resourceFieldRef"));
        }
        for (var kind : new String[] {"configMapKeyRef", "secretKeyRef"}) {
            if (from.has(kind)) {
                sources++;
                keyRef(from.at(kind));
            }
        }
        if (sources == 0) {
            errors.invalid(
                    from,
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        } else if (alsoValue) {
            errors.invalid(from, "", "may not be specified when `value` is not empty");
        } else if (sources > 1) {
            errors.invalid(from, "", "may not have more than one field specified at a time");
        }
    }

    private void keyRef(Field ref) {
        if (ref.text("name").isEmpty()) {
            errors.required(ref.at("name"), "");
        }
        if (ref.text("key").isEmpty()) {
            errors.required(ref.at("key"), "");
        } else {
            errors.names(ref.at("key"), Names.configKey(ref.text("key")));
        }
    }

    /** A field of the pod, here or in a downward API volume. */
    static void fieldRef(Errors errors, Field ref, List<String> supported, boolean subscripts) {
        var path = ref.at("fieldPath");
        if (path.text().isEmpty()) {
            errors.required(path, "");
            return;
        }
        var subscript = SUBSCRIPT.matcher(path.text());
        if (subscripts && subscript.matches()) {
            for (var problem : Names.qualifiedName(subscript.group(2))) {
                errors.invalid(path, path.text(), problem);
            }
        } else if (!supported.contains(path.text())) {
            if (path.text().contains("[") && !subscripts || !isKnown(path.text())) {
                errors.invalid(
                        path, path.text(), "error converting fieldPath: field label not supported: " + path.text());
            } else {
                errors.add(FieldError.notSupported(path.path(), path.text(), new TreeSet<>(supported)));
            }
        }
    }

    private static boolean isKnown(String path) {
        return ENV_PATHS.contains(path)
                || VOLUME_PATHS.contains(path)
                || path.equals("status.phase")
                || path.equals("spec.restartPolicy")
                || path.equals("spec.schedulerName");
    }

    static void resourceRef(Errors errors, Field ref) {
        var resource = ref.at("resource");
        if (resource.text().isEmpty()) {
            errors.required(resource, "");
        } else if (!RESOURCES.contains(resource.text())
                && !resource.text().startsWith("limits.hugepages-")
                && !resource.text().startsWith("requests.hugepages-")) {
            errors.add(FieldError.notSupported(resource.path(), resource.text(), new TreeSet<>(RESOURCES)));
        }
    }
}
