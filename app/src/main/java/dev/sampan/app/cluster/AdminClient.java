package dev.sampan.app.cluster;

import dev.sampan.client.Clients;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;

/** Reaches a running cluster as its administrator, over HTTPS, as any client would. */
public final class AdminClient {

    private AdminClient() {}

    /** A client made from the cluster's own kubeconfig; the caller closes it. */
    public static KubernetesClient open(Home home) throws IOException {
        return Clients.remote(config(home));
    }

    /** One whose requests may take as long as {@code limit}. */
    public static KubernetesClient open(Home home, Duration limit) throws IOException {
        var config = config(home);
        config.setRequestTimeout((int) limit.toMillis());
        return Clients.remote(config);
    }

    private static Config config(Home home) throws IOException {
        return Config.fromKubeconfig(Files.readString(home.kubeconfig()));
    }
}
