package dev.sampan.controllers;

import dev.sampan.client.Informers;
import dev.sampan.client.Timers;
import dev.sampan.controllers.deployment.DeploymentController;
import dev.sampan.controllers.disruption.DisruptionController;
import dev.sampan.controllers.endpointslice.EndpointSliceController;
import dev.sampan.controllers.endpointslice.EndpointsController;
import dev.sampan.controllers.garbage.GarbageCollector;
import dev.sampan.controllers.job.FinishedJobs;
import dev.sampan.controllers.job.JobController;
import dev.sampan.controllers.namespace.NamespaceController;
import dev.sampan.controllers.pods.Bursts;
import dev.sampan.controllers.replicaset.ReplicaSetController;
import dev.sampan.controllers.serviceaccount.ServiceAccountController;
import dev.sampan.controllers.volume.VolumeController;
import dev.sampan.controllers.volume.VolumeProtection;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All built-in controllers of a cluster: what kube-controller-manager is elsewhere. */
public final class Controllers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Controllers.class);

    private final Informers informers;
    private final boolean ownsInformers;
    private final List<Runnable> starts = new ArrayList<>();
    private final List<AutoCloseable> closes = new ArrayList<>();

    /** With informers of its own and the system's clock. */
    public Controllers(KubernetesClient client, ControllersConfig config) {
        this(client, Informers.over(client), true, config, Timers.system());
    }

    /** With informers that the process shares; whoever made them closes them. */
    public Controllers(KubernetesClient client, Informers informers, ControllersConfig config, Timers timers) {
        this(client, informers, false, config, timers);
    }

    private Controllers(
            KubernetesClient client,
            Informers informers,
            boolean ownsInformers,
            ControllersConfig config,
            Timers timers) {
        this.informers = informers;
        this.ownsInformers = ownsInformers;
        int workers = config.workers();
        var bursts = new Bursts();
        var serviceAccounts =
                add(new ServiceAccountController(client, informers, timers, workers, config.caCertificate()));
        starts.add(serviceAccounts::start);
        starts.add(add(new DeploymentController(client, informers, timers, workers))::start);
        starts.add(add(ReplicaSetController.replicaSets(client, informers, timers, workers, bursts))::start);
        starts.add(add(ReplicaSetController.replicationControllers(client, informers, timers, workers, bursts))::start);
        starts.add(add(new JobController(client, informers, timers, workers, bursts))::start);
        starts.add(add(new FinishedJobs(client, informers, timers))::start);
        starts.add(add(new EndpointSliceController(client, informers, timers, workers))::start);
        starts.add(add(new EndpointsController(client, informers, timers, workers))::start);
        starts.add(add(new DisruptionController(client, informers, timers, workers))::start);
        var volumes = config.volumesDirectory();
        starts.add(add(new VolumeController(client, informers, timers, workers, volumes))::start);
        starts.add(add(new VolumeProtection(client, informers, timers))::start);
        starts.add(add(new NamespaceController(client, informers, timers, workers))::start);
        starts.add(add(new GarbageCollector(client, timers, workers))::start);
    }

    private <C extends AutoCloseable> C add(C controller) {
        closes.add(controller);
        return controller;
    }

    /** Waits until the caches are filled, then starts working. */
    public void start() {
        informers.start();
        starts.forEach(Runnable::run);
    }

    /** Stops giving out work and waits for what runs. */
    @Override
    public void close() {
        Collections.reverse(closes);
        for (var controller : closes) {
            try {
                controller.close();
            } catch (Exception e) {
                LOG.warn("closing {}", controller.getClass().getSimpleName(), e);
            }
        }
        if (ownsInformers) {
            informers.close();
        }
    }
}
