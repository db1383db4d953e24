package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a container of any sort must look like. */
final class ContainerRules {

    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");

    private final Errors errors;
    private final Set<String> volumes;
    private final boolean hostNetwork;
    private final ProbeRules probes;
    private final EnvRules env;

    /** @param volumes names of the pod's volumes */
    ContainerRules(Errors errors, Set<String> volumes, boolean hostNetwork) {
        this.errors = errors;
        this.volumes = volumes;
        this.hostNetwork = hostNetwork;
        this.probes = new ProbeRules(errors);
        this.env = new EnvRules(errors);
    }

    void container(Field container) {
        common(container);
        probes.lifecycle(container.at("lifecycle"));
        probes.probes(container);
        if (container.has("restartPolicy") && !container.text("restartPolicy").isEmpty()) {
            errors.oneOf(container.at("restartPolicy"), PodSpecRules.RESTART_POLICIES);
        }
    }

    /** Init containers run to their end, or for the pod's whole life with restartPolicy Always ("sidecars"). */
    void initContainer(Field container) {
        common(container);
        if (container.text("restartPolicy").equals("Always")) {
            probes.lifecycle(container.at("lifecycle"));
            probes.probes(container);
            return;
        }
        for (var field : new String[] {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
            if (container.has(field)) {
                errors.forbidden(
                        container.at(field), "may not be set for init containers without restartPolicy=Always");
            }
        }
    }

    void ephemeralContainer(Field container, Set<String> containers) {
        common(container);
        for (var field :
                new String[] {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy"
                }) {
            if (container.has(field) && !container.at(field).value().isEmpty()) {
                errors.forbidden(container.at(field), "cannot be set for an Ephemeral Container");
            }
        }
        var resources = container.at("resources");
        if (!resources.value().isEmpty()) {
            errors.forbidden(resources, "cannot be set for an Ephemeral Container");
        }
        var target = container.at("targetContainerName");
        if (!target.text().isEmpty() && !containers.contains(target.text())) {
            errors.notFound(target);
        }
    }

    private void common(Field container) {
        var name = container.at("name");
        if (name.text().isEmpty()) {
            errors.required(name, "");
        } else {
            errors.names(name, Names.dns1123Label(name.text()));
        }
        image(container.at("image"));
        errors.requiredOneOf(container.at("imagePullPolicy"), PULL_POLICIES);
        switch (container.text("terminationMessagePolicy")) {
            case "" -> errors.required(container.at("terminationMessagePolicy"), "");
            case "File", "FallbackToLogsOnError" -> {}
            default ->
                errors.invalid(container.at("terminationMessagePolicy"), "must be 'File' or 'FallbackToLogsOnError'");
        }
        ports(container.at("ports"));
        env.check(container);
        mounts(container.at("volumeMounts"));
        new ResourceRules(errors).check(container.at("resources"));
        SecurityRules.container(errors, container.at("securityContext"));
    }

    private void image(Field image) {
        if (image.text().isEmpty()) {
            errors.required(image, "");
        } else if (!image.text().strip().equals(image.text())) {
            errors.invalid(image, "must not have leading or trailing whitespace");
        }
    }

    private void ports(Field ports) {
        var names = new HashSet<String>();
        for (var port : ports.items()) {
            var name = port.at("name");
            if (!name.text().isEmpty()) {
                errors.names(name, Names.portName(name.text()));
                if (!names.add(name.text())) {
                    errors.duplicate(name);
                }
            }
            if (port.at("containerPort").number(0) == 0) {
                errors.required(port.at("containerPort"), "");
            } else {
                errors.port(port.at("containerPort"));
            }
            if (port.at("hostPort").number(0) != 0) {
                errors.port(port.at("hostPort"));
            }
            if (hostNetwork
                    && port.at("hostPort").number(0) != port.at("containerPort").number(0)) {
                errors.invalid(port.at("containerPort"), "must match `hostPort` when `hostNetwork` is true");
            }
            errors.requiredOneOf(port.at("protocol"), PROTOCOLS);
        }
    }

    /** Two containers of a pod cannot have the same port of the host. */
    void hostPorts(Field containers) {
        var taken = new HashSet<String>();
        for (var container : containers.items()) {
            for (var port : container.at("ports").items()) {
                long number = port.at("hostPort").number(0);
                var key = port.text("protocol") + "/" + port.text("hostIP") + "/" + number;
                if (number != 0 && !taken.add(key)) {
                    errors.add(FieldError.duplicate(port.at("hostPort").path(), key));
                }
            }
        }
    }

    private void mounts(Field mounts) {
        var paths = new HashSet<String>();
        for (var mount : mounts.items()) {
            if (mount.text("name").isEmpty()) {
                errors.required(mount.at("name"), "");
            } else if (!volumes.contains(mount.text("name"))) {
                errors.notFound(mount.at("name"));
            }
            if (mount.text("mountPath").isEmpty()) {
                errors.required(mount.at("mountPath"), "");
            } else if (!paths.add(mount.text("mountPath"))) {
                errors.invalid(mount.at("mountPath"), "must be unique");
            }
            VolumeRules.localPath(errors, mount.at("subPath"));
            VolumeRules.localPath(errors, mount.at("subPathExpr"));
            if (!mount.text("subPath").isEmpty() && !mount.text("subPathExpr").isEmpty()) {
                errors.invalid(mount.at("subPathExpr"), "subPathExpr and subPath are mutually exclusive");
            }
            if (!mount.text("mountPropagation").isEmpty()) {
                errors.oneOf(mount.at("mountPropagation"), List.of("Bidirectional", "HostToContainer", "None"));
            }
        }
    }
}
