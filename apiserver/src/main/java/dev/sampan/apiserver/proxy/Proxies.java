package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import java.util.List;
import java.util.random.RandomGenerator;

/** The subresources that lead through the API server. */
public final class Proxies {

    private Proxies() {}

    public static List<SubresourceHandler> handlers(NodeApi api, RandomGenerator random) {
        var nodes = api.nodes();
        return List.of(
                new PodLogs(nodes),
                new PodStreams("exec", nodes),
                new PodStreams("attach", nodes),
                new PodStreams("portforward", nodes),
                new HttpProxy(Pods.PODS, nodes, random),
                new HttpProxy(new GroupResource("", "services"), nodes, random),
                new HttpProxy(Nodes.NODES, nodes, random));
    }
}
