package dev.sampan.client;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Makes fabric8 clients that suit long-running actors: HTTP watches, virtual threads, no Vert.x. */
public final class Clients {

    private static final String NO_EDGE = "https://in-process.invalid";

    /** Shared by all clients of the process: Jackson learns each type once, which takes longer than reading an object. */
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private Clients() {}

    /** A client of any cluster over HTTPS, with the JDK's HTTP/2 transport. The given configuration is not changed. */
    public static KubernetesClient remote(Config config) {
        return build(new ConfigBuilder(config), new JdkHttpClientFactory());
    }

    /** The client that kubectl would be: {@code KUBECONFIG}, {@code ~/.kube/config} or the pod's service account. */
    public static KubernetesClient fromEnvironment() {
        return remote(Config.autoConfigure(null));
    }

    /** A client in process without a socket; exec, attach and port-forward are not possible. */
    public static KubernetesClient inProcess(InProcessApi api) {
        return inProcess(api, null);
    }

    /**
     * A client in process.
     *
     * @param edge how to reach the same API over HTTPS as the same user, for exec, attach and port-forward only
     */
    public static KubernetesClient inProcess(InProcessApi api, @Nullable Config edge) {
        var config = edge == null ? new ConfigBuilder(Config.empty()).withMasterUrl(NO_EDGE) : new ConfigBuilder(edge);
        InProcessHttpClient.Factory.EdgeSupplier transport = edge == null
                ? null
                : () -> (StandardHttpClient<?, ?, ?>)
                        new JdkHttpClientFactory().newBuilder(edge).build();
        return build(config, new InProcessHttpClient.Factory(api, transport));
    }

    private static KubernetesClient build(
            ConfigBuilder config, io.fabric8.kubernetes.client.http.HttpClient.Factory transport) {
        var settled = config.withOnlyHttpWatches(true)
                .withWatchReconnectInterval(100)
                .withWatchReconnectLimit(-1)
                .withRequestRetryBackoffLimit(0) // a repeated POST may create twice; callers retry what they can
                .build();
        return new KubernetesClientBuilder()
                .withConfig(settled)
                .withHttpClientFactory(transport)
                .withKubernetesSerialization(SERIALIZATION)
                .withTaskExecutorSupplier(new VirtualThreads())
                .build();
    }

    private static final class VirtualThreads implements KubernetesClientBuilder.ExecutorSupplier {
        @Override
        public java.util.concurrent.Executor get() {
            return Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("kubernetes-client-", 0).factory());
        }

        @Override
        public void onClose(java.util.concurrent.Executor executor) {
            ((java.util.concurrent.ExecutorService) executor).shutdownNow();
        }
    }
}
