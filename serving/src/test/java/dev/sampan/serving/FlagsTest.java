package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.engine.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every flag of {@code tensorflow_model_server} of July 2026 is taken with its default value. */
class FlagsTest {
    /** Name and default, as its {@code --help} prints them. */
    private static final String ORIGINALS = """
            port=8500 grpc_socket_path= grpc_max_threads=8 grpc_channel_arguments= rest_api_port=0
            rest_api_num_threads=8 rest_api_timeout_in_ms=30000 rest_api_enable_cors_support=false
            enable_batching=false batching_parameters_file= enable_per_model_batching_parameters=false
            allow_version_labels_for_unavailable_models=false model_config_file=
            model_config_file_poll_wait_seconds=0 model_name=default model_base_path=/models/default
            num_load_threads=0 num_unload_threads=0 max_num_load_retries=5 load_retry_interval_micros=60000000
            file_system_poll_wait_seconds=1 flush_filesystem_caches=true tensorflow_session_parallelism=0
            tensorflow_session_config_file= tensorflow_intra_op_parallelism=0 tensorflow_inter_op_parallelism=0
            use_alts_credentials=false ssl_config_file= platform_config_file= per_process_gpu_memory_fraction=0
            saved_model_tags= enable_model_warmup=true num_request_iterations_for_warmup=0 version=false
            monitoring_config_file= remove_unused_fields_from_bundle_metagraph=true prefer_tflite_model=false
            num_tflite_pools=8 num_tflite_interpreters_per_pool=1 enable_signature_method_name_check=false
            xla_cpu_compilation_enabled=false xla_gpu_compilation_enabled=false enable_profiler=true
            thread_pool_factory_config_file= mixed_precision= skip_initialize_tpu=false
            enable_grpc_healthcheck_service=false enable_serialization_as_tensor_content=false""";

    /** Those that cannot mean anything here. */
    private static final List<String> WARNING = List.of(
            "enable_profiler",
            "enable_signature_method_name_check",
            "flush_filesystem_caches",
            "grpc_channel_arguments",
            "grpc_max_threads",
            "grpc_socket_path",
            "mixed_precision",
            "num_tflite_interpreters_per_pool",
            "num_tflite_pools",
            "per_process_gpu_memory_fraction",
            "platform_config_file",
            "prefer_tflite_model",
            "remove_unused_fields_from_bundle_metagraph",
            "skip_initialize_tpu",
            "tensorflow_session_config_file",
            "thread_pool_factory_config_file",
            "use_alts_credentials",
            "xla_cpu_compilation_enabled",
            "xla_gpu_compilation_enabled");

    @Test
    void everyFlagOfTheOriginalIsTakenOrWarnsThatItHasNoEffect() {
        var flags = ORIGINALS.split("\\s+");
        assertThat(flags).hasSize(48);
        for (var flag : flags) {
            var warnings = new ArrayList<String>();
            ServerFlags.parse(List.of("--" + flag), Map.of(), warnings::add);
            var name = flag.substring(0, flag.indexOf('='));
            assertThat(warnings)
                    .as(flag)
                    .isEqualTo(WARNING.contains(name) ? List.of("flag --" + name + " has no effect here") : List.of());
        }
        var warnings = new ArrayList<String>();
        ServerFlags.parse(Arrays.stream(flags).map(flag -> "--" + flag).toList(), Map.of(), warnings::add);
        assertThat(warnings).hasSameSizeAs(WARNING);
    }

    @Test
    void anUnknownFlagIsRefusedByName() {
        assertThatThrownBy(() -> ServerFlags.parse(List.of("--rest_api_prot=1"), Map.of(), warning -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rest_api_prot");
    }

    @Test
    void tensorFlowIsLookedForWhereItIsInstalled() {
        var home = Map.of("SAMPAN_HOME", "/somewhere/home");
        var installed = EngineOptions.installed(home).resolve("tensorflow");
        assertThat(installed).isEqualTo(Path.of("/somewhere/home/engines/tensorflow"));
        assertThat(engines(home)).isEqualTo(new EngineOptions(1, 1, installed, "serve"));
        assertThat(engines(home, "--tensorflow_library_dir=/elsewhere").tensorFlowLibrary())
                .isEqualTo(Path.of("/elsewhere"));
        assertThat(engines(Map.of()).tensorFlowLibrary())
                .isEqualTo(Path.of(System.getProperty("user.home"), ".sampan/engines/tensorflow"));
    }

    @Test
    void emptyTagsOfASavedModelAreTheUsualOnes() {
        assertThat(engines(Map.of(), "--saved_model_tags=").savedModelTag()).isEqualTo("serve");
        assertThat(engines(Map.of(), "--saved_model_tags=tpu").savedModelTag()).isEqualTo("tpu");
    }

    private static EngineOptions engines(Map<String, String> environment, String... flags) {
        return ServerFlags.parse(List.of(flags), environment, warning -> {})
                .loading()
                .engines();
    }
}
