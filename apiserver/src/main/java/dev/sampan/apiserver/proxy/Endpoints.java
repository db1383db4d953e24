package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads EndpointSlices. */
final class Endpoints {

    /** One place where a Service port is served. */
    record Endpoint(String address, int port) {}

    private Endpoints() {}

    static List<Endpoint> ready(JsonNode slice, String portName) {
        var result = new ArrayList<Endpoint>();
        for (var port : slice.path("ports")) {
            if (!Meta.text(port, "name").equals(portName)) {
                continue;
            }
            for (var endpoint : slice.path("endpoints")) {
                if (endpoint.path("conditions").path("ready").booleanValue(true)) {
                    var address = endpoint.path("addresses").path(0).stringValue("");
                    result.add(new Endpoint(address, port.path("port").intValue(0)));
                }
            }
        }
        return result;
    }
}
