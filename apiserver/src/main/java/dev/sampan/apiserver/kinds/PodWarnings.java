package dev.sampan.apiserver.kinds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** What a client is told about a pod or template that is accepted and probably not what was meant. */
final class PodWarnings {

    private PodWarnings() {}

    static List<String> of(Field spec) {
        var warnings = new ArrayList<String>();
        for (var list : new String[] {"initContainers", "containers"}) {
            for (var container : spec.at(list).items()) {
                hiddenVariables(container.at("env"), warnings);
                duplicatePorts(container.at("ports"), warnings);
            }
        }
        if (spec.at("terminationGracePeriodSeconds").number(0) < 0) {
            warnings.add(spec.at("terminationGracePeriodSeconds").path()
                    + ": must be >= 0; negative values are invalid and will be treated as 1");
        }
        return warnings;
    }

    private static void hiddenVariables(Field env, List<String> warnings) {
        var seen = new HashMap<String, Boolean>();
        for (var variable : env.items()) {
            var name = variable.text("name");
            if (seen.putIfAbsent(name, true) != null) {
                warnings.add("%s: hides previous definition of \"%s\", which may be dropped when using apply"
                        .formatted(variable.path(), name));
            }
        }
    }

    private static void duplicatePorts(Field ports, List<String> warnings) {
        var seen = new HashMap<String, String>();
        for (var port : ports.items()) {
            var key = port.at("containerPort").number(0) + "/" + port.text("protocol");
            var first = seen.putIfAbsent(key, port.path());
            if (first != null) {
                warnings.add("%s: duplicate port definition with %s".formatted(port.path(), first));
            }
        }
    }
}
