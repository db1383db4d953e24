package dev.sampan.testkit;

import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.ApiServerFlags;
import dev.sampan.app.cluster.Cluster;
import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.Ports;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** A whole cluster in this process, in a temporary folder and on free ports. */
public final class TestCluster implements AutoCloseable {

    private final Home home;
    private final Cluster cluster;
    private final KubernetesClient client;

    private TestCluster(Home home, Cluster cluster) throws IOException {
        this.home = home;
        this.cluster = cluster;
        this.client = AdminClient.open(home);
    }

    /** Starts a cluster; returns when its API, controllers and node are ready. */
    public static TestCluster start() {
        try {
            return start(new Home(Files.createTempDirectory("sampan-test")), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a cluster in a folder, which is deleted when the cluster is closed.
     *
     * @param flags of {@code sampan up}, such as {@code --etcd-servers}, with their values
     */
    public static TestCluster start(Home home, Map<String, String> flags) {
        try {
            var ports = new Ports(Ports.freeOr(0), Ports.freeOr(0), Ports.freeOr(0), Ports.freeOr(0));
            var launcher = JavaLauncher.ofThisProcess();
            return new TestCluster(home, Cluster.start(home, ports, new ApiServerFlags(flags), launcher));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The administrator's client, over HTTPS. */
    public KubernetesClient client() {
        return client;
    }

    /** The administrator's kubeconfig. */
    public Path kubeconfig() {
        return home.kubeconfig();
    }

    /** The cluster's folder. */
    public Home home() {
        return home;
    }

    /** Where the ingress gateway takes plain HTTP. */
    public URI ingress() {
        return cluster.ingress();
    }

    @Override
    public void close() throws IOException {
        client.close();
        cluster.close();
        try (var files = Files.walk(home.root())) {
            files.sorted(Comparator.reverseOrder()).forEach(TestCluster::delete);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear the test cluster's folder at " + path, e);
        }
    }
}
