package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Service;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Docker-links-style variables for services, such as {@code WEB_SERVICE_HOST}. */
final class ServiceVariables {

    private ServiceVariables() {}

    static Map<String, String> of(List<Service> services) {
        var variables = new LinkedHashMap<String, String>();
        for (var service : services) {
            var ip = service.getSpec().getClusterIP();
            if (ip != null && !ip.isEmpty() && !ip.equals("None")) {
                add(variables, service, ip);
            }
        }
        return variables;
    }

    private static void add(Map<String, String> variables, Service service, String ip) {
        var name = variable(service.getMetadata().getName());
        var ports = service.getSpec().getPorts();
        variables.put(name + "_SERVICE_HOST", ip);
        for (var port : ports) {
            var protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
            var number = port.getPort();
            variables.putIfAbsent(name + "_SERVICE_PORT", number.toString());
            if (port.getName() != null && !port.getName().isEmpty()) {
                variables.put(name + "_SERVICE_PORT_" + variable(port.getName()), number.toString());
            }
            var url = protocol.toLowerCase(Locale.ROOT) + "://" + ip + ":" + number;
            var prefix = name + "_PORT_" + number + "_" + protocol;
            variables.putIfAbsent(name + "_PORT", url);
            variables.put(prefix, url);
            variables.put(prefix + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            variables.put(prefix + "_PORT", number.toString());
            variables.put(prefix + "_ADDR", ip);
        }
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
