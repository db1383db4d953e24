package dev.sampan.app.cluster;

import dev.sampan.client.Clients;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;

/** Reaches a running cluster as its administrator, over HTTPS, as any client would. */
public final class AdminClient {

    private AdminClient() {}

    /** A client made from the cluster's own kubeconfig; the caller closes it. */
    public static KubernetesClient open(Home home) throws IOException {
        var config = Config.fromKubeconfig(Files.readString(home.kubeconfig()));
        return Clients.remote(config);
    }
}
