package dev.sampan.serving.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.ServerFlags;
import dev.sampan.serving.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigFileTest {
    @TempDir
    Path folder;

    @Test
    void theTextFormOfTensorFlowServing() throws IOException {
        var file = Files.writeString(folder.resolve("models.config"), """
                # two models
                model_config_list {
                  config {
                    name: "first"
                    base_path: "/models/first"
                    model_platform: "tensorflow"
                  }
                  config: {
                    name: 'second', base_path: '/models/second'
                    model_version_policy { specific { versions: 4 versions: 5 } }
                    version_labels { key: "stable" value: 4 }
                    logging_config {
                      log_collector_config { type: "file" filename_prefix: "/tmp/log" }
                      sampling_config { sampling_rate: 0.5 }
                    }
                  }
                }
                """);
        var models = ModelConfigFile.read(file, new Mounts(Map.of()));
        assertThat(models.get(0)).isEqualTo(ModelConfig.latest("first", Path.of("/models/first")));
        assertThat(models.get(1).versions()).isEqualTo(new VersionPolicy.Specific(List.of(4L, 5L)));
        assertThat(models.get(1).labels()).isEqualTo(Map.of("stable", 4L));
        assertThat(models.get(1).logging().rate()).isEqualTo(0.5);
    }

    @Test
    void whatIsWrongIsSaid() throws IOException {
        assertThatThrownBy(() -> read("model_config_list { config { nam: 'x' } }"))
                .hasMessageContaining("nam");
        assertThatThrownBy(() -> read("model_config_list { config { name: 'x' } }"))
                .hasMessageContaining("needs name and base_path");
        var twice = "config { name: 'x' base_path: '/x' }";
        assertThatThrownBy(() -> read("model_config_list { " + twice + twice + " }"))
                .hasMessageContaining("multiple times");
    }

    private void read(String text) throws IOException {
        ModelConfigFile.read(Files.writeString(folder.resolve("config"), text), new Mounts(Map.of()));
    }

    @Test
    void policies() {
        var present = List.of(1L, 5L, 3L);
        assertThat(new VersionPolicy.Latest(2).choose(present)).containsExactly(3L, 5L);
        assertThat(new VersionPolicy.Latest(0).choose(present)).containsExactly(5L);
        assertThat(new VersionPolicy.All().choose(present)).containsExactly(1L, 3L, 5L);
        assertThat(new VersionPolicy.Specific(List.of(3L, 9L)).choose(present)).containsExactly(3L);
    }

    @Test
    void mountsOfAContainerWithoutARootOfItsOwn() {
        var mounts = new Mounts(Map.of("SAMPAN_MOUNTS", "/models=/h/v1;/models/deep=/h/v2"));
        assertThat(mounts.resolve("/models/m")).isEqualTo(Path.of("/h/v1/m"));
        assertThat(mounts.resolve("/models/deep/m")).isEqualTo(Path.of("/h/v2/m"));
        assertThat(mounts.resolve("/modelsx/m")).isEqualTo(Path.of("/modelsx/m"));
    }

    @Test
    void flagsAndTheEnvironmentOfTheDockerImage() {
        var warnings = new ArrayList<String>();
        var options = ServerFlags.parse(
                List.of(
                        "--rest_api_port=0",
                        "--port",
                        "9000",
                        "--per_process_gpu_memory_fraction=0.5",
                        "--file-system-poll-wait-seconds=3",
                        "--rest_api_enable_cors_support"),
                Map.of("MODEL_NAME", "half", "MODEL_BASE_PATH", "/m"),
                warnings::add);
        assertThat(options.models()).containsExactly(ModelConfig.latest("half", Path.of("/m/half")));
        assertThat(options.network()).isEqualTo(new ServerOptions.Network(null, ServerOptions.OFF, 9000));
        assertThat(options.loading().pollInterval()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.http().cors()).isTrue();
        assertThat(warnings).containsExactly("flag --per_process_gpu_memory_fraction has no effect here");
    }
}
