package dev.sampan.serving;

import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.serving.security.Tls;
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
 * @param security who may call
 * @param observation what is told to others
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
        Security security,
        Observation observation,
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
     * @param sourcePollInterval time between two looks at models that lie elsewhere
     * @param loadThreads models that are loaded at once
     * @param unloadThreads models that are unloaded at once
     * @param engines how models run
     * @param warmUpIterations times that each warm-up request is run; 0 for no warm-up
     * @param batchingPerModel whether a version's own {@code batching_params.pbtxt} replaces the server's parameters
     * @param manager order of loads and unloads, retries
     */
    public record Loading(
            Duration pollInterval,
            Duration configPollInterval,
            Duration sourcePollInterval,
            int loadThreads,
            int unloadThreads,
            EngineOptions engines,
            int warmUpIterations,
            boolean batchingPerModel,
            ManagerOptions manager) {
        public static final Loading DEFAULT = new Loading(
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(30),
                2,
                1,
                EngineOptions.usual(Map.of()),
                1,
                false,
                ManagerOptions.DEFAULT);

        /** The same with other times between two looks at base paths and configuration file. */
        public Loading polling(Duration basePaths, Duration configuration) {
            return new Loading(
                    basePaths,
                    configuration,
                    sourcePollInterval,
                    loadThreads,
                    unloadThreads,
                    engines,
                    warmUpIterations,
                    batchingPerModel,
                    manager);
        }

        /** The same with another time between two looks at models that lie elsewhere. */
        public Loading pollingSources(Duration interval) {
            return new Loading(
                    pollInterval,
                    configPollInterval,
                    interval,
                    loadThreads,
                    unloadThreads,
                    engines,
                    warmUpIterations,
                    batchingPerModel,
                    manager);
        }

        /** The same with other engines. */
        public Loading with(EngineOptions other) {
            return new Loading(
                    pollInterval,
                    configPollInterval,
                    sourcePollInterval,
                    loadThreads,
                    unloadThreads,
                    other,
                    warmUpIterations,
                    batchingPerModel,
                    manager);
        }

        /** The same with another order of loads and unloads. */
        public Loading with(ManagerOptions other) {
            return new Loading(
                    pollInterval,
                    configPollInterval,
                    sourcePollInterval,
                    loadThreads,
                    unloadThreads,
                    engines,
                    warmUpIterations,
                    batchingPerModel,
                    other);
        }
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

    /**
     * @param tls null for none
     * @param httpTls whether the HTTP port has TLS too
     * @param tokenFile bearer tokens of which a client needs one; null if anybody may call
     */
    public record Security(
            @Nullable Tls tls, boolean httpTls, @Nullable Path tokenFile) {
        public static final Security NONE = new Security(null, false, null);
    }

    /**
     * @param metricsPath where Prometheus finds the metrics; null for nowhere
     * @param accessLog file that gets a line for each request; null for none
     */
    public record Observation(
            @Nullable String metricsPath, @Nullable Path accessLog) {
        /** TensorFlow Serving's usual path. */
        public static final String METRICS = "/monitoring/prometheus/metrics";

        public static final Observation DEFAULT = new Observation(METRICS, null);
    }

    /** One model on free ports of the loopback address: for tests and for use inside another program. */
    public static ServerOptions local(String model, Path basePath) {
        return local(List.of(ModelConfig.latest(model, basePath)));
    }

    /** The same for several models. */
    public static ServerOptions local(List<ModelConfig> models) {
        return new ServerOptions(
                models,
                null,
                new Network("127.0.0.1", 0, 0),
                Loading.DEFAULT,
                Http.DEFAULT,
                Security.NONE,
                Observation.DEFAULT,
                BatchOptions.adaptive(),
                false,
                Duration.ZERO,
                Map.of());
    }

    /** The same with other environment variables. */
    public ServerOptions with(Map<String, String> otherEnvironment) {
        return new ServerOptions(
                models,
                configFile,
                network,
                loading,
                http,
                security,
                observation,
                batching,
                tensorContent,
                drain,
                otherEnvironment);
    }

    public ServerOptions with(Network other) {
        return new ServerOptions(
                models,
                configFile,
                other,
                loading,
                http,
                security,
                observation,
                batching,
                tensorContent,
                drain,
                environment);
    }

    public ServerOptions with(Loading other) {
        return new ServerOptions(
                models,
                configFile,
                network,
                other,
                http,
                security,
                observation,
                batching,
                tensorContent,
                drain,
                environment);
    }

    public ServerOptions with(Http other) {
        return new ServerOptions(
                models,
                configFile,
                network,
                loading,
                other,
                security,
                observation,
                batching,
                tensorContent,
                drain,
                environment);
    }

    public ServerOptions with(Security other) {
        return new ServerOptions(
                models,
                configFile,
                network,
                loading,
                http,
                other,
                observation,
                batching,
                tensorContent,
                drain,
                environment);
    }

    public ServerOptions with(Observation other) {
        return new ServerOptions(
                models,
                configFile,
                network,
                loading,
                http,
                security,
                other,
                batching,
                tensorContent,
                drain,
                environment);
    }

    /** @param other null for no batching */
    public ServerOptions with(@Nullable BatchOptions other) {
        return new ServerOptions(
                models,
                configFile,
                network,
                loading,
                http,
                security,
                observation,
                other,
                tensorContent,
                drain,
                environment);
    }
}
