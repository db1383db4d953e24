package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * The levels "baseline" and "restricted" of the Pod Security Standards
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/). Each check says what it found, as Kubernetes
 * does.
 */
final class PodSecurityStandard {

    private static final Set<String> BASELINE_CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> RESTRICTED_VOLUMES = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");
    private static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ping_group_range",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.tcp_wmem");
    private static final Set<String> SAFE_SECCOMP = Set.of("RuntimeDefault", "Localhost");

    private final JsonNode spec;
    private final JsonNode podContext;
    private final List<JsonNode> containers = new ArrayList<>();
    private final List<String> found = new ArrayList<>();

    private PodSecurityStandard(JsonNode pod) {
        this.spec = pod.path("spec");
        this.podContext = spec.path("securityContext");
        for (var list : new String[] {"initContainers", "containers", "ephemeralContainers"}) {
            spec.path(list).forEach(containers::add);
        }
    }

    /** What a pod does that a level forbids; nothing for the level "privileged". */
    static List<String> violations(String level, JsonNode pod) {
        var checks = new PodSecurityStandard(pod);
        switch (level) {
            case "baseline" -> checks.baseline();
            case "restricted" -> {
                checks.baseline();
                checks.restricted();
            }
            default -> {}
        }
        return checks.found;
    }

    private void baseline() {
        hostNamespaces();
        hostPorts();
        forContainers(
                "privileged",
                c -> context(c).path("privileged").booleanValue(false),
                "must not set securityContext.privileged=true");
        forbiddenCapabilities("non-default capabilities", BASELINE_CAPABILITIES);
        hostPaths();
        forContainers(
                "procMount",
                c -> !Set.of("", "Default").contains(Meta.text(context(c), "procMount")),
                "must not set securityContext.procMount to \"Unmasked\"");
        unconfinedSeccomp();
        sysctls();
    }

    private void restricted() {
        restrictedVolumes();
        forContainers(
                "allowPrivilegeEscalation != false",
                c -> context(c).path("allowPrivilegeEscalation").booleanValue(true),
                "must set securityContext.allowPrivilegeEscalation=false");
        unrestrictedCapabilities();
        nonRoot();
        forContainers("runAsUser=0", c -> context(c).path("runAsUser").longValue(-1) == 0, "must not set runAsUser=0");
        if (podContext.path("runAsUser").longValue(-1) == 0) {
            found.add("runAsUser=0 (pod must not set runAsUser=0)");
        }
        requiredSeccomp();
    }

    private static JsonNode context(JsonNode container) {
        return container.path("securityContext");
    }

    private void forContainers(String what, Predicate<JsonNode> bad, String must) {
        var names = names(bad);
        if (!names.isEmpty()) {
            found.add("%s (%s %s)".formatted(what, containers(names), must));
        }
    }

    private List<String> names(Predicate<JsonNode> which) {
        return containers.stream().filter(which).map(c -> Meta.text(c, "name")).toList();
    }

    private static String containers(List<String> names) {
        return (names.size() == 1 ? "container " : "containers ") + quoted(names);
    }

    private static String quoted(Iterable<String> names) {
        var result = new ArrayList<String>();
        names.forEach(n -> result.add("\"" + n + "\""));
        return String.join(", ", result);
    }

    private void hostNamespaces() {
        var used = new ArrayList<String>();
        for (var name : new String[] {"hostNetwork", "hostPID", "hostIPC"}) {
            if (spec.path(name).booleanValue(false)) {
                used.add(name + "=true");
            }
        }
        if (!used.isEmpty()) {
            found.add("host namespaces (" + String.join(", ", used) + ")");
        }
    }

    private void hostPorts() {
        var ports = new TreeSet<Long>();
        var names = names(c -> {
            var any = false;
            for (var port : c.path("ports")) {
                long number = port.path("hostPort").longValue(0);
                if (number != 0) {
                    ports.add(number);
                    any = true;
                }
            }
            return any;
        });
        if (!names.isEmpty()) {
            var text = String.join(", ", ports.stream().map(String::valueOf).toList());
            found.add("hostPort (%s %s %s %s)"
                    .formatted(
                            containers(names),
                            names.size() == 1 ? "uses" : "use",
                            ports.size() == 1 ? "hostPort" : "hostPorts",
                            text));
        }
    }

    private void forbiddenCapabilities(String what, Set<String> allowed) {
        var bad = new TreeSet<String>();
        var names = names(c -> {
            var any = false;
            for (var added : context(c).path("capabilities").path("add")) {
                if (!allowed.contains(added.stringValue(""))) {
                    bad.add(added.stringValue(""));
                    any = true;
                }
            }
            return any;
        });
        if (!names.isEmpty()) {
            found.add("%s (%s must not include %s in securityContext.capabilities.add)"
                    .formatted(what, containers(names), quoted(bad)));
        }
    }

    private void hostPaths() {
        var names = new ArrayList<String>();
        for (var volume : spec.path("volumes")) {
            if (volume.has("hostPath")) {
                names.add(Meta.text(volume, "name"));
            }
        }
        if (!names.isEmpty()) {
            found.add("hostPath volumes (%s %s)".formatted(names.size() == 1 ? "volume" : "volumes", quoted(names)));
        }
    }

    private void unconfinedSeccomp() {
        var pod = Meta.text(podContext, "seccompProfile", "type").equals("Unconfined");
        var names = names(c -> Meta.text(context(c), "seccompProfile", "type").equals("Unconfined"));
        if (pod || !names.isEmpty()) {
            var who = new ArrayList<String>();
            if (pod) {
                who.add("pod");
            }
            if (!names.isEmpty()) {
                who.add(containers(names));
            }
            found.add("seccompProfile (%s must not set securityContext.seccompProfile.type to \"Unconfined\")"
                    .formatted(String.join(" and ", who)));
        }
    }

    private void sysctls() {
        var bad = new ArrayList<String>();
        for (var sysctl : podContext.path("sysctls")) {
            if (!SAFE_SYSCTLS.contains(Meta.text(sysctl, "name"))) {
                bad.add(Meta.text(sysctl, "name"));
            }
        }
        if (!bad.isEmpty()) {
            found.add("forbidden sysctls (" + String.join(", ", bad) + ")");
        }
    }

    private void restrictedVolumes() {
        var names = new ArrayList<String>();
        var types = new TreeSet<String>();
        for (var volume : spec.path("volumes")) {
            for (var type : volume.propertyNames()) {
                if (!type.equals("name") && !RESTRICTED_VOLUMES.contains(type)) {
                    names.add(Meta.text(volume, "name"));
                    types.add(type);
                }
            }
        }
        if (!names.isEmpty()) {
            found.add("restricted volume types (%s %s %s restricted volume %s %s)"
                    .formatted(
                            names.size() == 1 ? "volume" : "volumes",
                            quoted(names),
                            names.size() == 1 ? "uses" : "use",
                            types.size() == 1 ? "type" : "types",
                            quoted(types)));
        }
    }

    private void unrestrictedCapabilities() {
        var keeping = names(c -> {
            for (var dropped : context(c).path("capabilities").path("drop")) {
                if (dropped.stringValue("").equals("ALL")) {
                    return false;
                }
            }
            return true;
        });
        if (!keeping.isEmpty()) {
            found.add("unrestricted capabilities (%s must set securityContext.capabilities.drop=[\"ALL\"])"
                    .formatted(containers(keeping)));
        }
        forbiddenCapabilities("unrestricted capabilities", Set.of("NET_BIND_SERVICE"));
    }

    private void nonRoot() {
        var pod = podContext.path("runAsNonRoot").booleanValue(false);
        var explicitly = names(c -> context(c).path("runAsNonRoot").isBoolean()
                && !context(c).path("runAsNonRoot").booleanValue());
        var unset = pod
                ? List.<String>of()
                : names(c -> !context(c).path("runAsNonRoot").isBoolean());
        if (!explicitly.isEmpty()) {
            found.add("runAsNonRoot != true (%s must not set securityContext.runAsNonRoot=false)"
                    .formatted(containers(explicitly)));
        } else if (!unset.isEmpty()) {
            found.add("runAsNonRoot != true (pod or %s must set securityContext.runAsNonRoot=true)"
                    .formatted(containers(unset)));
        }
    }

    private void requiredSeccomp() {
        var pod = SAFE_SECCOMP.contains(Meta.text(podContext, "seccompProfile", "type"));
        var unset = names(c -> !SAFE_SECCOMP.contains(Meta.text(context(c), "seccompProfile", "type")));
        if (!pod && !unset.isEmpty()) {
            found.add(
                    "seccompProfile (pod or %s must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
                            .formatted(containers(unset)));
        }
    }
}
