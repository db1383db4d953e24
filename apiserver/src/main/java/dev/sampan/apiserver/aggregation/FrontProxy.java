package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tells other API servers how to recognize this one: the ConfigMap {@code extension-apiserver-authentication}. */
public final class FrontProxy {

    private static final GroupResource MAPS = new GroupResource("", "configmaps");
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";

    private FrontProxy() {}

    /** Writes the present authorities and header names. */
    public static void publish(Objects objects, PkiDirectory pki) {
        var data = JsonNodeFactory.instance.objectNode();
        data.put("client-ca-file", Pem.encode(pki.clusterCa().certificate()));
        data.put("requestheader-allowed-names", "[\"front-proxy-client\"]");
        data.put("requestheader-client-ca-file", Pem.encode(pki.frontProxyCa().certificate()));
        data.put("requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
        data.put("requestheader-group-headers", "[\"X-Remote-Group\"]");
        data.put("requestheader-uid-headers", "[\"X-Remote-Uid\"]");
        data.put("requestheader-username-headers", "[\"X-Remote-User\"]");
        var present = objects.get(MAPS, NAMESPACE, NAME);
        if (present == null) {
            var map = JsonNodeFactory.instance.objectNode();
            map.putObject("metadata").put("namespace", NAMESPACE).put("name", NAME);
            map.set("data", data);
            try {
                objects.create(MAPS, map);
            } catch (ApiException e) {
                if (!e.isAlreadyExists()) {
                    throw e;
                }
            }
        } else if (!present.path("data").equals(data)) {
            objects.modify(MAPS, NAMESPACE, NAME, latest -> {
                latest.set("data", data);
                return latest;
            });
        }
    }
}
