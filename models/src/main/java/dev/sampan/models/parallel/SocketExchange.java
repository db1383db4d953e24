package dev.sampan.models.parallel;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.Map;

/** Opens the exchange of a job over TCP: worker 0 listens at its own address, the others connect to it. */
public final class SocketExchange {
    private SocketExchange() {}

    /**
     * @param settings what must be the same in all workers (model, data, hyper-parameters): a worker with other settings is
     *     refused
     * @param environment {@code POD_IP}, if set, is the address that worker 0 binds
     * @param out where waiting is reported
     */
    public static GradientExchange open(
            ClusterSpec cluster, String settings, Timeouts timeouts, Map<String, String> environment, PrintStream out) {
        var job = Frames.jobId(cluster.jobName(), settings);
        var trainers = cluster.trainers();
        if (cluster.rank() == 0) {
            return new Leader(bindAddress(trainers.getFirst(), environment), job, trainers, timeouts, out);
        }
        return new Follower(trainers.getFirst(), job, cluster.rank(), trainers.size(), timeouts, out);
    }

    /** The pod's own address, a loopback address if that is what the cluster names, else all addresses. */
    private static InetSocketAddress bindAddress(String own, Map<String, String> environment) {
        int port = port(own);
        var podIp = environment.get("POD_IP");
        if (podIp != null && !podIp.isBlank()) {
            return new InetSocketAddress(podIp, port);
        }
        var host = host(own);
        return host.equals("localhost") || host.startsWith("127.")
                ? new InetSocketAddress(host, port)
                : new InetSocketAddress(port);
    }

    static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
