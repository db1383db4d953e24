package dev.sampan.serving;

import com.google.protobuf.TextFormat;
import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.batching.BatchingFile;
import dev.sampan.serving.config.Flags;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.config.ModelLocation;
import dev.sampan.serving.config.Mounts;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.MonitoringConfig;
import dev.sampan.serving.security.Tls;
import dev.sampan.serving.servable.ManagerOptions;
import dev.sampan.serving.servable.TransitionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The flags of {@code tensorflow_model_server}, with the ports and the model path that its Docker image sets:
 * {@code MODEL_NAME} (model) and {@code MODEL_BASE_PATH} (/models).
 */
public final class ServerFlags {
    private static final Set<String> EFFECTIVE = Set.of(
            "port",
            "rest_api_port",
            "rest_api_num_threads",
            "rest_api_timeout_in_ms",
            "rest_api_enable_cors_support",
            "model_name",
            "model_base_path",
            "model_config_file",
            "model_config_file_poll_wait_seconds",
            "file_system_poll_wait_seconds",
            "num_load_threads",
            "num_unload_threads",
            "saved_model_tags",
            "max_num_load_retries",
            "load_retry_interval_micros",
            "allow_version_labels_for_unavailable_models",
            "tensorflow_session_parallelism",
            "tensorflow_intra_op_parallelism",
            "tensorflow_inter_op_parallelism",
            "enable_batching",
            "batching_parameters_file",
            "enable_per_model_batching_parameters",
            "enable_model_warmup",
            "num_request_iterations_for_warmup",
            "ssl_config_file",
            "monitoring_config_file",
            "enable_grpc_healthcheck_service",
            "enable_serialization_as_tensor_content",
            "version");
    /** Ours. */
    private static final Set<String> OWN = Set.of(
            "bind_address",
            "drain_seconds",
            "max_request_bytes",
            "version_transition",
            "tensorflow_library_dir",
            "total_model_memory_limit_bytes",
            "model_cache_dir",
            "model_source_poll_wait_seconds",
            "rest_api_tls",
            "auth_token_file",
            "access_log");
    /** Accepted, without effect here. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "grpc_socket_path",
            "grpc_max_threads",
            "grpc_channel_arguments",
            "flush_filesystem_caches",
            "tensorflow_session_config_file",
            "use_alts_credentials",
            "platform_config_file",
            "per_process_gpu_memory_fraction",
            "remove_unused_fields_from_bundle_metagraph",
            "prefer_tflite_model",
            "num_tflite_pools",
            "num_tflite_interpreters_per_pool",
            "enable_signature_method_name_check",
            "xla_cpu_compilation_enabled",
            "xla_gpu_compilation_enabled",
            "enable_profiler",
            "thread_pool_factory_config_file",
            "mixed_precision",
            "skip_initialize_tpu");

    private static final Set<String> BOOLEANS = Set.of(
            "rest_api_enable_cors_support",
            "rest_api_tls",
            "allow_version_labels_for_unavailable_models",
            "version",
            "enable_batching",
            "enable_per_model_batching_parameters",
            "flush_filesystem_caches",
            "use_alts_credentials",
            "enable_model_warmup",
            "remove_unused_fields_from_bundle_metagraph",
            "prefer_tflite_model",
            "enable_signature_method_name_check",
            "xla_cpu_compilation_enabled",
            "xla_gpu_compilation_enabled",
            "enable_profiler",
            "skip_initialize_tpu",
            "enable_grpc_healthcheck_service",
            "enable_serialization_as_tensor_content");

    private final Flags flags;
    private final Map<String, String> environment;

    private ServerFlags(Flags flags, Map<String, String> environment) {
        this.flags = flags;
        this.environment = new HashMap<>(environment);
        var cache = flags.get("model_cache_dir");
        if (cache != null) {
            this.environment.put("MODEL_CACHE_DIR", cache);
        }
    }

    private static ModelLocation location(String name, String text, Mounts mounts) {
        try {
            return ModelLocation.of(name, text, mounts);
        } catch (ServingException e) {
            throw new IllegalArgumentException("--model_base_path: " + e.getMessage(), e);
        }
    }

    /**
     * Reads flags.
     *
     * @param warnings is told of flags that have no effect here
     * @throws IllegalArgumentException if they make no sense; the message says which
     */
    public static ServerOptions parse(
            List<String> arguments, Map<String, String> environment, Consumer<String> warnings) {
        var flags = new Flags(arguments, known(), BOOLEANS);
        flags.given().stream()
                .filter(WITHOUT_EFFECT::contains)
                .sorted()
                .forEach(name -> warnings.accept("flag --" + name + " has no effect here"));
        return new ServerFlags(flags, environment).options();
    }

    /** Names of all flags that are accepted, without the dashes. */
    public static Set<String> known() {
        var all = new HashSet<>(EFFECTIVE);
        all.addAll(OWN);
        all.addAll(WITHOUT_EFFECT);
        return all;
    }

    private ServerOptions options() {
        var mounts = new Mounts(environment);
        var name = flags.get("model_name", environment.getOrDefault("MODEL_NAME", "model"));
        var usualPath = environment.getOrDefault("MODEL_BASE_PATH", "/models") + "/" + name;
        var location = location(name, flags.get("model_base_path", usualPath), mounts);
        var configFile = flags.get("model_config_file");
        return new ServerOptions(
                List.of(ModelConfig.latest(name, location)),
                configFile == null || configFile.isEmpty() ? null : mounts.resolve(configFile),
                new ServerOptions.Network(flags.get("bind_address"), port("rest_api_port", 8501), port("port", 8500)),
                loading(mounts),
                http(),
                security(mounts),
                new ServerOptions.Observation(metricsPath(mounts), file("access_log", mounts)),
                batching(mounts),
                flags.bool("enable_serialization_as_tensor_content", false),
                duration("drain_seconds", 1),
                environment);
    }

    private ServerOptions.Loading loading(Mounts mounts) {
        var usual = ServerOptions.Loading.DEFAULT;
        long threads = flags.integer("tensorflow_session_parallelism", 0);
        return new ServerOptions.Loading(
                duration("file_system_poll_wait_seconds", 1),
                duration("model_config_file_poll_wait_seconds", 0),
                duration("model_source_poll_wait_seconds", 30),
                positive("num_load_threads", usual.loadThreads()),
                positive("num_unload_threads", usual.unloadThreads()),
                engines((int) Math.clamp(threads, 1, 1 << 16), mounts),
                flags.bool("enable_model_warmup", true) ? positive("num_request_iterations_for_warmup", 1) : 0,
                flags.bool("enable_per_model_batching_parameters", false),
                new ManagerOptions(
                        transition(),
                        (int) flags.integer("max_num_load_retries", ManagerOptions.DEFAULT.maxLoadRetries()),
                        Duration.ofNanos(1000 * flags.integer("load_retry_interval_micros", 60_000_000)),
                        flags.bool("allow_version_labels_for_unavailable_models", false),
                        Math.max(0, flags.integer("total_model_memory_limit_bytes", 0))));
    }

    private EngineOptions engines(int threads, Mounts mounts) {
        var usual = EngineOptions.usual(environment);
        var library = file("tensorflow_library_dir", mounts);
        var tag = flags.get("saved_model_tags", "");
        return new EngineOptions(
                positive("tensorflow_intra_op_parallelism", threads),
                positive("tensorflow_inter_op_parallelism", threads),
                library == null ? usual.tensorFlowLibrary() : library,
                tag.isEmpty() ? usual.savedModelTag() : tag);
    }

    private TransitionPolicy transition() {
        return switch (flags.get("version_transition", "availability")) {
            case "availability" -> TransitionPolicy.AVAILABILITY_PRESERVING;
            case "resource" -> TransitionPolicy.RESOURCE_PRESERVING;
            default -> throw new IllegalArgumentException("flag --version_transition takes availability or resource");
        };
    }

    private ServerOptions.Security security(Mounts mounts) {
        var file = file("ssl_config_file", mounts);
        return new ServerOptions.Security(
                file == null ? null : Tls.read(file),
                flags.bool("rest_api_tls", true),
                file("auth_token_file", mounts));
    }

    /** Where metrics are: as {@code --monitoring_config_file} says, without one at the usual path. */
    private @Nullable String metricsPath(Mounts mounts) {
        var file = file("monitoring_config_file", mounts);
        if (file == null) {
            return ServerOptions.Observation.METRICS;
        }
        var config = MonitoringConfig.newBuilder();
        try {
            TextFormat.merge(Files.readString(file), config);
        } catch (IOException e) {
            throw new IllegalArgumentException("--monitoring_config_file " + file + ": " + e.getMessage(), e);
        }
        var prometheus = config.getPrometheusConfig();
        if (!prometheus.getEnable()) {
            return null;
        }
        return prometheus.getPath().isEmpty() ? ServerOptions.Observation.METRICS : prometheus.getPath();
    }

    private @Nullable Path file(String flag, Mounts mounts) {
        var path = flags.get(flag, "");
        return path.isEmpty() ? null : mounts.resolve(path);
    }

    /** Adaptive unless batching is switched off, or on with parameters. */
    private @Nullable BatchOptions batching(Mounts mounts) {
        if (!flags.bool("enable_batching", true)) {
            return null;
        }
        var file = flags.get("batching_parameters_file", "");
        return file.isEmpty() ? BatchOptions.adaptive() : BatchingFile.read(mounts.resolve(file));
    }

    private ServerOptions.Http http() {
        var usual = ServerOptions.Http.DEFAULT;
        return new ServerOptions.Http(
                Math.clamp(flags.integer("max_request_bytes", usual.maxRequestBytes()), 1, Integer.MAX_VALUE - 64),
                positive("rest_api_num_threads", usual.maxConcurrent()),
                Duration.ofMillis(
                        flags.integer("rest_api_timeout_in_ms", usual.timeout().toMillis())),
                flags.bool("rest_api_enable_cors_support", false));
    }

    /** 0 switches a port off, as in tensorflow_model_server. */
    private int port(String flag, int usual) {
        long port = flags.integer(flag, usual);
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("flag --" + flag + " needs a port from 0 to 65535, not " + port);
        }
        return port == 0 ? ServerOptions.OFF : (int) port;
    }

    /** 0 means the default. */
    private int positive(String flag, int usual) {
        long value = flags.integer(flag, 0);
        return value > 0 ? (int) Math.min(value, Integer.MAX_VALUE) : usual;
    }

    private Duration duration(String flag, double usual) {
        return Duration.ofMillis(Math.round(flags.seconds(flag, usual) * 1000));
    }

    /** Whether the arguments only ask for the version. */
    public static boolean asksForVersion(List<String> arguments) {
        return arguments.contains("--version") || arguments.contains("--version=true");
    }
}
