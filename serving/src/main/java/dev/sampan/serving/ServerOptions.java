package dev.sampan.serving;

import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.servable.ManagerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model server runs.
 *
 * @param models what it serves; ignored where there is a configuration file
 * @param configFile a ModelServerConfig in protobuf's text form, or null
 * @param network where it listens
 * @param loading how it finds and loads models
 * @param http limits of the REST API
 * @param batching how requests are batched; null for not at all
 * @param tensorContent whether gRPC answers carry numbers as {@code tensor_content} instead of values
 * @param drain how long it goes on serving after it was told to stop, so that clients find another server
 * @param environment environment variables: POD_IP, SAMPAN_MOUNTS
 */
public record ServerOptions(
        List<ModelConfig> models,
        @Nullable Path configFile,
        Network network,
        Loading loading,
        Http http,
        @Nullable BatchOptions batching,
        boolean tensorContent,
        Duration drain,
        Map<String, String> environment) {

    /** A port that is not opened. */
    public static final int OFF = -1;

    public ServerOptions {
        models = List.copyOf(models);
        environment = Map.copyOf(environment);
    }

    /**
     * @param address to bind; null for the pod's own (POD_IP), else all
     * @param restPort port of the REST API; 0 for any free one, {@link #OFF} for none
     * @param grpcPort port of gRPC, likewise
     */
    public record Network(@Nullable String address, int restPort, int grpcPort) {}

    /**
     * @param pollInterval time between two looks at the base paths; zero to look once
     * @param configPollInterval time between two looks at the configuration file; zero to look once
     * @param loadThreads models that are loaded at once
     * @param intraOpThreads threads of one run of a model
     * @param interOpThreads branches of a model's graph that run at once
     * @param manager order of loads and unloads, retries
     */
    public record Loading(
            Duration pollInterval,
            Duration configPollInterval,
            int loadThreads,
            int intraOpThreads,
            int interOpThreads,
            ManagerOptions manager) {
        public static final Loading DEFAULT =
                new Loading(Duration.ofSeconds(1), Duration.ZERO, 2, 1, 1, ManagerOptions.DEFAULT);
    }

    /**
     * @param maxRequestBytes largest body that is read
     * @param maxConcurrent requests that are handled at once
     * @param timeout after which an idle connection is closed
     * @param cors whether pages of any origin may call
     */
    public record Http(long maxRequestBytes, int maxConcurrent, Duration timeout, boolean cors) {
        public static final Http DEFAULT = new Http(256L << 20, 1024, Duration.ofSeconds(30), false);
    }

    /** One model on free ports of the loopback address: for tests and for use inside another program. */
    public static ServerOptions local(String model, Path basePath) {
        return new ServerOptions(
                List.of(ModelConfig.latest(model, basePath)),
                null,
                new Network("127.0.0.1", 0, 0),
                Loading.DEFAULT,
                Http.DEFAULT,
                BatchOptions.adaptive(),
                false,
                Duration.ZERO,
                Map.of());
    }

    public ServerOptions with(Loading other) {
        return new ServerOptions(models, configFile, network, other, http, batching, tensorContent, drain, environment);
    }

    public ServerOptions with(Http other) {
        return new ServerOptions(
                models, configFile, network, loading, other, batching, tensorContent, drain, environment);
    }
}
