package dev.sampan.app.cluster;

import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.ServiceAddresses;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.Kubeconfig;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.client.Clients;
import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.controllers.Controllers;
import dev.sampan.controllers.ControllersConfig;
import dev.sampan.network.IngressGateway;
import dev.sampan.network.IngressGatewayConfig;
import dev.sampan.network.ServiceProxy;
import dev.sampan.network.ServiceProxyConfig;
import dev.sampan.node.NodeAgent;
import dev.sampan.node.NodeConfig;
import dev.sampan.node.process.ProcessRuntime;
import dev.sampan.node.process.ProcessRuntimeConfig;
import dev.sampan.operators.training.TrainingKinds;
import dev.sampan.operators.training.TrainingOperator;
import dev.sampan.scheduler.Scheduler;
import dev.sampan.scheduler.SchedulerConfig;
import dev.sampan.store.SqliteStore;
import dev.sampan.store.Store;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One whole cluster in this process. Everything is wired here and nowhere else; what was started is stopped in reverse order.
 */
public final class Cluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final String NODE = "sampan";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String DOMAIN = "cluster.local";
    private static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", "system:masters");

    private final Home home;
    private final Ports ports;
    private final ApiServerFlags flags;
    private final String identity = Candidacy.identity();
    private final Deque<Step> started = new ArrayDeque<>();
    private boolean announced;
    private boolean closed;

    /** Something that was started and how it is stopped. */
    private record Step(String name, AutoCloseable stop) {}

    private Cluster(Home home, Ports ports, ApiServerFlags flags) {
        this.home = home;
        this.ports = ports;
        this.flags = flags;
    }

    /**
     * Starts a cluster on a folder; returns once the API, the controllers and the node are ready.
     *
     * @throws IOException when the folder is in use or cannot be used, or a port is taken; the message says what to do
     * @throws IllegalArgumentException when a flag's value cannot be
     */
    public static Cluster start(Home home, Ports ports, ApiServerFlags flags, JavaLauncher launcher)
            throws IOException {
        var cluster = new Cluster(home, ports, flags);
        try {
            cluster.open(launcher);
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts a cluster without special flags. */
    public static Cluster start(Home home, Ports ports, JavaLauncher launcher) throws IOException {
        return start(home, ports, ApiServerFlags.NONE, launcher);
    }

    private void open(JavaLauncher launcher) throws IOException {
        home.create();
        lock();
        var network = keep("network", Network.claim(home));
        var timers = Timers.system();
        var store = keep("store", openStore());
        var pki = new PkiDirectory(home.pki(), InstantSource.system());
        var api = startApi(store, pki, network);
        var admin = client(api, ADMIN);
        startControllers(api, pki, timers);
        startScheduler(api, timers);
        if (flags.agent()) {
            startNetwork(api, admin, timers);
            startNode(api, pki, network, timers, launcher);
        }
        startOperators(api, admin, timers);
    }

    private Store openStore() throws IOException {
        var etcd = flags.etcd();
        if (etcd == null) {
            return SqliteStore.open(home.state(), SqliteStore.Options.defaults());
        }
        if (Files.exists(home.state())) {
            throw new IOException("The objects of this cluster are in " + home.state() + ", and are not carried over to"
                    + " etcd. Choose another folder with --home, or forget them with 'sampan delete'.");
        }
        return AwaitedEtcd.open(etcd, home);
    }

    private <T extends AutoCloseable> T keep(String name, T closeable) {
        started.push(new Step(name, closeable));
        return closeable;
    }

    /** Held as long as this process lives; the system releases it even after a crash. */
    private void lock() throws IOException {
        var channel = keep("lock", FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("locked by this very process", e);
        }
        throw new IOException("A cluster runs in " + home.root()
                + " already. Stop it with 'sampan down', or choose another folder with --home.");
    }

    private ApiServer startApi(Store store, PkiDirectory pki, Network network) throws IOException {
        var config = ApiServerConfig.defaults(home.pki())
                .withPort(ports.api())
                .withServiceCidr(flags.serviceCidr(network.services()))
                .withSecurity(flags.security());
        var api = keep("API server", new ApiServer(config, store));
        try {
            api.start();
        } catch (IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
        var kubeconfig = new Kubeconfig(UserKubeconfig.CONTEXT, api.uri(), UserKubeconfig.CONTEXT, pki.admin());
        Files.writeString(home.kubeconfig(), kubeconfig.toYaml());
        return api;
    }

    private KubernetesClient client(ApiServer api, UserInfo user) {
        return keep("client of " + user.name(), Clients.inProcess(new ApiInProcess(api, user)));
    }

    private Informers informers(KubernetesClient client) {
        return keep("informers", Informers.over(client));
    }

    private void startControllers(ApiServer api, PkiDirectory pki, Timers timers) {
        var user = UserInfo.of("system:kube-controller-manager", "system:masters");
        var config = ControllersConfig.defaults(Pem.encode(pki.clusterCa().certificate()), home.volumes());
        startOne(api, user, "kube-controller-manager", timers, (client, informers) -> {
            var controllers = new Controllers(client, informers, config, timers);
            controllers.start();
            return controllers;
        });
    }

    private void startScheduler(ApiServer api, Timers timers) {
        startOne(api, UserInfo.of("system:kube-scheduler"), "kube-scheduler", timers, (client, informers) -> {
            var scheduler = new Scheduler(client, informers, timers, SchedulerConfig.defaults());
            scheduler.start();
            return scheduler;
        });
    }

    /** An actor that may work in one server at a time. Alone it need not wait for the lease of a server that was killed. */
    private void startOne(ApiServer api, UserInfo user, String name, Timers timers, Candidacy.Actor actor) {
        if (flags.leaderElect()) {
            keep(name, new Candidacy(api, user, name, identity, timers, actor)).start();
        } else {
            var client = client(api, user);
            keep(name, actor.start(client, informers(client)));
        }
    }

    private void startNetwork(ApiServer api, KubernetesClient admin, Timers timers) throws IOException {
        var client = client(api, UserInfo.of("system:kube-proxy"));
        var informers = informers(client);
        keep("service proxy", new ServiceProxy(client, informers, timers, ServiceProxyConfig.loopback(NODE)))
                .start();
        var gateway = IngressGatewayConfig.loopback().withPorts(ports.ingress(), ports.ingressTls());
        keep("ingress gateway", new IngressGateway(admin, informers(admin), timers, gateway))
                .start();
    }

    private void startNode(ApiServer api, PkiDirectory pki, Network network, Timers timers, JavaLauncher launcher)
            throws IOException {
        var client = client(api, UserInfo.of("system:node:" + NODE, "system:nodes"));
        var images = Images.of(home, launcher).store();
        var runtime = new ProcessRuntime(
                ProcessRuntimeConfig.in(home.pods()).withPodNetwork(network.pods()), images, InstantSource.system());
        var apiService = ServiceAddresses.first(flags.serviceCidr(network.services()));
        var environment = Map.of("KUBERNETES_SERVICE_HOST", apiService, "KUBERNETES_SERVICE_PORT", "443");
        var config = new NodeConfig(
                NODE, home.pods(), home.logs().resolve("pods"), LOOPBACK, ports.node(), environment, DOMAIN);
        var agent = new NodeAgent(client, informers(client), runtime, config, nodeTls(pki), timers);
        keep("node", agent::shutDown);
        agent.start();
    }

    private static SSLContext nodeTls(PkiDirectory pki) throws IOException {
        try {
            return KeyStores.tls(
                    pki.nodeServing(NODE, List.of(LOOPBACK)),
                    List.of(pki.clusterCa().certificate()));
        } catch (GeneralSecurityException e) {
            throw new IOException("the node's certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private void startOperators(ApiServer api, KubernetesClient admin, Timers timers) {
        TrainingKinds.install(admin);
        startOne(api, ADMIN, "training-operator", timers, (client, informers) -> {
            var operator = new TrainingOperator(client, informers, timers, TrainingOperator.Config.DEFAULT);
            operator.start();
            return operator;
        });
    }

    /** Base address of the ingress gateway's plain HTTP port. */
    public URI ingress() {
        return URI.create("http://127.0.0.1:" + ports.ingress());
    }

    /** Tells the commands that look for this cluster that it is ready. */
    public synchronized void announce() throws IOException {
        announced = true;
        var process = ProcessHandle.current();
        var startedAt = process.info().startInstant().orElseGet(Instant::now);
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        new RunningServer(
                        process.pid(),
                        startedAt,
                        "https://127.0.0.1:" + ports.api(),
                        flags.agent() ? ingress().toString() : "",
                        millis)
                .write(home.running());
        LOG.info("cluster ready after {} ms", millis);
    }

    /** Stops everything, pods included; what is on disk comes back at the next start. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!started.isEmpty()) {
            var step = started.pop();
            try {
                step.stop().close();
            } catch (Exception e) {
                LOG.warn("stopping the {}", step.name(), e);
            }
        }
        if (!announced) {
            return; // the description is another server's, which this one found running
        }
        try {
            Files.deleteIfExists(home.running());
        } catch (IOException e) {
            LOG.warn("cannot remove {}", home.running(), e);
        }
    }
}
