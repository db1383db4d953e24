package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Finds the HTTPS API of a node. */
final class Nodes {

    static final GroupResource NODES = new GroupResource("", "nodes");

    /** Kubernetes' order, but that addresses come before names, which need a name server. */
    private static final List<String> ADDRESS_TYPES =
            List.of("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS");

    private static final int DEFAULT_PORT = 10250;

    private final PkiDirectory pki;
    private @Nullable SSLSocketFactory tls;

    Nodes(PkiDirectory pki) {
        this.pki = pki;
    }

    /** Shows the API server's certificate and trusts the cluster's CA. Made when first needed: starts are to be quick. */
    private synchronized SSLSocketFactory tls() {
        var made = tls;
        if (made == null) {
            try {
                made = KeyStores.tls(pki.nodeClient(), List.of(pki.clusterCa().certificate()))
                        .getSocketFactory();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(
                        "The client certificate for nodes cannot be used: " + e.getMessage(), e);
            }
            tls = made;
        }
        return made;
    }

    /** @throws ApiException NotFound, or 503 when the node has not said where it listens */
    Target find(String name, Objects objects) {
        var node = objects.get(NODES, "", name);
        if (node == null) {
            throw ApiException.notFound(NODES, name);
        }
        int port = node.path("status")
                .path("daemonEndpoints")
                .path("kubeletEndpoint")
                .path("Port")
                .intValue(DEFAULT_PORT);
        for (var type : ADDRESS_TYPES) {
            for (var address : node.path("status").path("addresses")) {
                if (Meta.text(address, "type").equals(type)) {
                    return new Target(Meta.text(address, "address"), port, tls(), true);
                }
            }
        }
        throw ApiException.unavailable("node %s has told no address that its API could be reached at".formatted(name));
    }
}
