package dev.sampan.schema.generator;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What neither source says: short names, categories, and the kinds of subresources whose bodies are not JSON. */
final class Names {

    /** Group/plural, short names, categories. */
    private static final String TABLE =
            """
            /componentstatuses cs -
            /configmaps cm -
            /endpoints ep -
            /events ev -
            /limitranges limits -
            /namespaces ns -
            /nodes no -
            /persistentvolumeclaims pvc -
            /persistentvolumes pv -
            /pods po all
            /replicationcontrollers rc all
            /resourcequotas quota -
            /serviceaccounts sa -
            /services svc all
            admissionregistration.k8s.io/mutatingadmissionpolicies - api-extensions
            admissionregistration.k8s.io/mutatingadmissionpolicybindings - api-extensions
            admissionregistration.k8s.io/mutatingwebhookconfigurations - api-extensions
            admissionregistration.k8s.io/validatingadmissionpolicies - api-extensions
            admissionregistration.k8s.io/validatingadmissionpolicybindings - api-extensions
            admissionregistration.k8s.io/validatingwebhookconfigurations - api-extensions
            apiextensions.k8s.io/customresourcedefinitions crd,crds api-extensions
            apiregistration.k8s.io/apiservices - api-extensions
            apps/daemonsets ds all
            apps/deployments deploy all
            apps/replicasets rs all
            apps/statefulsets sts all
            autoscaling/horizontalpodautoscalers hpa all
            batch/cronjobs cj all
            batch/jobs - all
            certificates.k8s.io/certificatesigningrequests csr -
            events.k8s.io/events ev -
            extensions/ingresses ing -
            networking.k8s.io/ingresses ing -
            networking.k8s.io/ipaddresses ip -
            networking.k8s.io/networkpolicies netpol -
            policy/poddisruptionbudgets pdb -
            scheduling.k8s.io/priorityclasses pc -
            storage.k8s.io/storageclasses sc -
            storage.k8s.io/volumeattributesclasses vac -
            """;

    private static final Map<String, String> CONNECT_KINDS = Map.of(
            "pods/attach", "PodAttachOptions",
            "pods/exec", "PodExecOptions",
            "pods/log", "Pod",
            "pods/portforward", "PodPortForwardOptions",
            "pods/proxy", "PodProxyOptions",
            "services/proxy", "ServiceProxyOptions",
            "nodes/proxy", "NodeProxyOptions");

    private static final Map<String, List<List<String>>> NAMES = parse();

    private Names() {}

    private static Map<String, List<List<String>>> parse() {
        var names = new TreeMap<String, List<List<String>>>();
        for (var line : TABLE.split("\n")) {
            var columns = line.split(" ");
            names.put(columns[0], List.of(list(columns[1]), list(columns[2])));
        }
        return names;
    }

    private static List<String> list(String column) {
        return column.equals("-") ? List.of() : Arrays.asList(column.split(","));
    }

    static List<String> shortNames(String group, String plural) {
        return NAMES.getOrDefault(group + "/" + plural, List.of(List.of(), List.of())).get(0);
    }

    static List<String> categories(String group, String plural) {
        return NAMES.getOrDefault(group + "/" + plural, List.of(List.of(), List.of())).get(1);
    }

    static String connectKind(String plural, String subresource) {
        return CONNECT_KINDS.get(plural + "/" + subresource);
    }
}
