package dev.sampan.node;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.node.pod.ClusterObjects;
import dev.sampan.node.pod.PodAgent;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.server.NodeServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node agent (kubelet's role): runs the pods that are bound to this node, reports on them, keeps the Node object and its lease alive.
 *
 * <p>Informers only put keys into the queue; each pod is worked on by one thread at a time.
 */
public final class NodeAgent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
    private static final int WORKERS = 64;

    /** The user that the API server is to nodes, as kubeadm names it. */
    private static final Set<String> CLIENTS = Set.of("kube-apiserver-kubelet-client");

    private static final Duration LAST_GRACE = Duration.ofSeconds(10);

    private final NodeConfig config;
    private final Informer<Pod> pods;
    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Informers informers;
    private final ContainerRuntime runtime;
    private final Events events;
    private final PodAgent agent;
    private final Controller<String> controller;
    private final Controller<String> hosts;
    private final NodeObject node;
    private final NodeServer server;
    private final Map<String, Pod> byUid = new ConcurrentHashMap<>();
    private final ReentrantLock writingHosts = new ReentrantLock();

    /** The informers are shared with the process' other actors; the agent starts what it asked for. */
    public NodeAgent(
            KubernetesClient client,
            Informers informers,
            ContainerRuntime runtime,
            NodeConfig config,
            SSLContext tls,
            Timers timers) {
        this.config = config;
        this.informers = informers;
        this.runtime = runtime;
        this.events = new Events(client, "kubelet", config.name(), timers);
        this.pods = informers.of(Pod.class, Informers.Scope.fields("spec.nodeName=" + config.name()));
        this.services = informers.of(Service.class);
        this.slices = informers.of(EndpointSlice.class);
        this.node = new NodeObject(client, config, runtime.name(), timers);
        this.controller = new Controller<>("pods", timers, WORKERS, this::reconcile);
        this.hosts = new Controller<>("hosts", timers, 1, key -> refreshHosts());
        this.agent = new PodAgent(
                client,
                runtime,
                new ClusterObjects(client, services),
                events,
                config.pods(),
                config.logs(),
                new PodAgent.NodeIdentity(config.hostIp(), this::writeHosts, node.allocatable(), config.environment()),
                timers,
                uid -> controller.queue().add(uid));
        var stats = new StatsSummary(config.name(), pods, runtime, new HostUsage(Path.of("/proc")), timers);
        var local = new LocalPods(pods, agent, runtime, stats, client.getKubernetesSerialization());
        this.server = new NodeServer(config.hostIp(), config.apiPort(), tls, CLIENTS, local);
        pods.onChange((Informer.AnyChange<Pod>) pod -> controller.queue().add(note(pod)));
        services.onChange((Informer.AnyChange<Service>) service -> hosts.queue().add("hosts"));
        slices.onChange(
                (Informer.AnyChange<EndpointSlice>) slice -> hosts.queue().add("hosts"));
    }

    private String note(Pod pod) {
        byUid.put(pod.getMetadata().getUid(), pod);
        if (pod.getSpec().getSubdomain() != null) {
            hosts.queue().add("hosts"); // its name is one of the cluster's
        }
        return pod.getMetadata().getUid();
    }

    /** Registers the node, takes over what runs, and begins to look after pods. */
    public void start() throws IOException {
        server.start();
        node.start();
        informers.start();
        var present = new HashSet<String>();
        pods.list().forEach(pod -> present.add(note(pod)));
        agent.known().stream().filter(uid -> !present.contains(uid)).forEach(controller.queue()::add);
        hosts.start();
        controller.start();
    }

    private Result reconcile(String uid) throws Exception {
        var known = byUid.get(uid);
        var current = known == null
                ? null
                : pods.get(
                        known.getMetadata().getNamespace(), known.getMetadata().getName());
        if (current != null && !current.getMetadata().getUid().equals(uid)) {
            current = null; // another pod of the same name
        }
        if (current == null) {
            byUid.remove(uid);
        }
        return agent.reconcile(uid, current);
    }

    private Result refreshHosts() throws IOException {
        agent.refreshHosts(List.copyOf(byUid.values()));
        return Result.done();
    }

    private void writeHosts(Pod pod, String podIp, Path file) throws IOException {
        writingHosts.lock(); // so that the latest state of the cluster is the last that is written
        try {
            var names = new ClusterHosts(services.list(), slices.list(), pods.list(), config.clusterDomain());
            var own = Path.of("/etc/hosts");
            var content = names.content(pod, podIp, Files.exists(own) ? Files.readString(own) : "");
            if (!Files.exists(file) || !Files.readString(file).equals(content)) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, content); // in place: containers mount the very file
            }
        } finally {
            writingHosts.unlock();
        }
    }

    /** Ends all pods' processes (their objects stay, and come back at the next start), then stops. */
    public void shutDown() throws InterruptedException {
        controller.close();
        agent.stopEverything(LAST_GRACE);
        close();
    }

    /** Stops looking after pods; their processes go on. */
    @Override
    public void close() {
        controller.close();
        hosts.close();
        node.close();
        agent.close();
        runtime.close();
        closeServer();
        events.close();
        LOG.info("node {} stopped", config.name());
    }

    private void closeServer() {
        try {
            server.close();
        } catch (Exception e) {
            LOG.warn("closing the node's API", e);
        }
    }
}
