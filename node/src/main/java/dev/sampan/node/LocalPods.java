package dev.sampan.node;

import dev.sampan.client.Informer;
import dev.sampan.node.logs.LogOptions;
import dev.sampan.node.logs.LogReader;
import dev.sampan.node.pod.PodAgent;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import dev.sampan.node.server.PodAccess;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;

/** The pods of this node, for the node's own API. */
record LocalPods(
        Informer<Pod> pods, PodAgent agent, ContainerRuntime runtime, StatsSummary stats, KubernetesSerialization json)
        implements PodAccess {

    @Override
    public void log(Place place, boolean previous, LogOptions options, OutputStream out)
            throws IOException, InterruptedException, NotHere, NoLog {
        var pod = find(place.namespace(), place.pod());
        var log = agent.log(pod, place.container(), previous);
        if (!Files.exists(log)) {
            throw new NoLog(MissingLog.reason(pod, place.container(), previous));
        }
        LogReader.copy(log, options, out, () -> !previous && agent.running(pod, place.container()));
    }

    @Override
    public ExecSession exec(Place place, ExecSpec spec) throws ContainerFailure, NotHere {
        var id = running(place);
        return spec.command().isEmpty() ? runtime.attach(id, spec) : runtime.exec(id, spec);
    }

    @Override
    public void requirePod(String namespace, String pod) throws NotHere {
        find(namespace, pod);
    }

    @Override
    public void requireRunning(Place place) throws NotHere {
        running(place);
    }

    @Override
    public Socket dial(String namespace, String pod, int port) throws IOException {
        try {
            return runtime.dial(find(namespace, pod).getMetadata().getUid(), port);
        } catch (IOException | NotHere e) {
            throw new IOException(
                    "error forwarding port %d to pod %s, uid : failed to connect to port %d of the pod: %s"
                            .formatted(port, pod, port, e.getMessage()),
                    e);
        }
    }

    @Override
    public String statsSummary() {
        return json.asJson(stats.read());
    }

    private String running(Place place) throws NotHere {
        return agent.runningContainer(find(place.namespace(), place.pod()), place.container())
                .orElseThrow(() -> new NotHere("container not found (\"" + place.container() + "\")"));
    }

    private Pod find(String namespace, String name) throws NotHere {
        var pod = pods.get(namespace, name);
        if (pod == null) {
            throw new NotHere("pod \"" + name + "\" is not on this node");
        }
        return pod;
    }
}
