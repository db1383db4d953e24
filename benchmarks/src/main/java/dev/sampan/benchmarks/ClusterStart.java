package dev.sampan.benchmarks;

import dev.sampan.client.Clients;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What a user waits for, through the launcher as a user runs it: the cluster to be ready, a pod to run, and what an idle cluster
 * takes. Beside each figure stands what the design aims at.
 */
public final class ClusterStart {

    private static final int STARTS = 3;
    private static final int PODS = 5;
    private static final int IDLE_SECONDS = 15;

    private final Path home;
    private final LaunchedCluster cluster;

    private ClusterStart(Path launcher, Path home) {
        this.home = home;
        this.cluster = new LaunchedCluster(launcher, home);
    }

    /** Arguments: the launcher (default: ./sampan), a folder on the disk to use (default: target). */
    public static void main(String[] arguments) throws Exception {
        var launcher = Path.of(arguments.length > 0 ? arguments[0] : "sampan").toAbsolutePath();
        try (var workspace = Workspace.in(Path.of(arguments.length > 1 ? arguments[1] : "target"))) {
            var scenario = new ClusterStart(launcher, workspace.path().toAbsolutePath());
            try {
                scenario.run();
            } finally {
                scenario.cluster.sampan("down");
            }
        }
    }

    private void run() throws Exception {
        cluster.sampan("--version"); // builds if need be
        long first = timed(() -> cluster.sampan("up"));
        var restarts = new long[STARTS];
        for (int i = 0; i < STARTS; i++) {
            cluster.sampan("down");
            restarts[i] = timed(() -> cluster.sampan("up"));
        }
        System.out.printf(
                "sampan up until ready: %d ms on an empty folder, %d ms again (aim: 1500 ms)%n",
                first, median(restarts));
        TimeUnit.SECONDS.sleep(IDLE_SECONDS);
        System.out.printf(
                "resident when idle: %d MB (aim: 300 MB)%n", cluster.usage().residentKilobytes() / 1024);
        var config = Config.fromKubeconfig(home.resolve("kubeconfig").toFile());
        config.setClientKeyAlgo("EC");
        try (var client = Clients.remote(config)) {
            var pods = new long[PODS];
            for (int i = 0; i < PODS; i++) {
                var name = "bench-" + i;
                pods[i] = timed(() -> runPod(client, name));
            }
            System.out.printf(
                    "pod running after it was created: first %d ms, then %d ms (aim: 500 ms)%n", pods[0], median(pods));
        }
    }

    private static void runPod(KubernetesClient client, String name) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(1L)
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("sleep", "600")
                .endContainer()
                .endSpec()
                .build();
        client.resource(pod).create();
        client.resource(pod).waitUntilCondition(ClusterStart::isRunning, 60, TimeUnit.SECONDS);
    }

    private static boolean isRunning(Pod pod) {
        return pod != null && "Running".equals(pod.getStatus().getPhase());
    }

    private interface Action {
        void run() throws Exception;
    }

    private static long timed(Action action) throws Exception {
        long start = System.nanoTime();
        action.run();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static long median(long[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
