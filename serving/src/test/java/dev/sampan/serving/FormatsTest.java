package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Network;
import io.jhdf.HdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a version's folder decides how it is loaded; what does not load says why and leaves the others alone. */
class FormatsTest {
    @TempDir
    Path folder;

    @Test
    void everyFormatAnswersAndABrokenVersionLeavesTheOldOneAlone() throws Exception {
        keras(version("keras", 1).resolve("model.h5"), "Dense");
        trained().save(version("trained", 1));
        TestModels.classifier(folder.resolve("onnx"), 1);
        var models = List.of("keras", "trained", "onnx");
        try (var server = new ModelServer(TestServers.options(folder, models)).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.post("/v1/models/keras:predict", "{\"instances\": [[1, 1], [0, 2]]}")
                            .json()
                            .path("predictions")
                            .toString())
                    .isEqualTo("[[6.0],[7.0]]");
            assertThat(client.get("/v2/models/keras").json().path("inputs").toString())
                    .isEqualTo("[{\"name\":\"line_input\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]");
            assertThat(client.post("/v1/models/trained:classify", "{\"examples\": [{\"inputs\": [1.0, 2.0]}]}")
                            .json()
                            .path("results")
                            .path(0)
                            .path(1)
                            .path(0)
                            .asString(""))
                    .isEqualTo("yes");

            keras(appearing("keras").resolve("model.h5"), "MyLayer");
            appear("keras");
            trained().save(appearing("trained"));
            Files.writeString(weights(appearing("trained")), "other weights");
            appear("trained");
            Files.writeString(appearing("onnx").resolve("model.onnx"), "no model");
            appear("onnx");
            for (var broken : List.of(
                    List.of("keras", "layer 'line' (MyLayer): layers of this class are not supported"),
                    List.of("trained", "SHA-256 differs"),
                    List.of("onnx", "cannot load"))) {
                var model = broken.getFirst();
                await().untilAsserted(() -> assertThat(client.get("/v1/models/" + model + "/versions/2")
                                .body())
                        .contains(broken.getLast()));
                assertThat(client.get("/v1/models/" + model + "/versions/1").body())
                        .contains("AVAILABLE");
                assertThat(client.get("/monitoring/prometheus/metrics").body())
                        .contains("model_load_count{model_name=\"" + model + "\",status=\"OK\"} 1")
                        .contains("model_load_error{model_name=\"" + model + "\",version=\"2\",reason=\"");
            }
            assertThat(client.post("/v1/models/keras:predict", "{\"instances\": [[1, 1]]}")
                            .body())
                    .contains("6.0");
        }
    }

    @Test
    void aLimitOfMemoryPagesModelsOutAndIn() throws Exception {
        var models = List.of("a", "b", "c");
        for (var model : models) {
            TestModels.classifier(folder.resolve(model), 1);
        }
        var usual = TestServers.options(folder, models);
        // Each takes a little more than a megabyte.
        var manager = usual.loading().manager().withMemoryLimit(5 << 19);
        try (var server = new ModelServer(usual.with(usual.loading().with(manager))).start();
                var client = new RestClient(server.restUri())) {
            for (int round = 0; round < 3; round++) {
                for (var model : models) {
                    assertThat(client.get("/v2/models/" + model + "/ready").status())
                            .isEqualTo(200);
                    assertThat(client.post("/v1/models/" + model + ":predict", "{\"instances\": [[1, 2, 3, 4]]}")
                                    .status())
                            .isEqualTo(200);
                }
            }
            var metrics = client.get("/monitoring/prometheus/metrics").body();
            assertThat(metrics)
                    .contains("model_page_out_count{model_name=\"a\"}", "model_page_in_count{model_name=\"a\"}");
            assertThat(client.get("/").body()).contains("paged out");
        }
    }

    private Path version(String model, int number) throws IOException {
        return Files.createDirectories(folder.resolve(model).resolve(Integer.toString(number)));
    }

    private Path appearing(String model) throws IOException {
        return Files.createDirectories(folder.resolve("appearing-" + model));
    }

    private void appear(String model) throws IOException {
        Files.move(appearing(model), folder.resolve(model).resolve("2"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path weights(Path trained) throws IOException {
        try (var files = Files.newDirectoryStream(trained, "weights-*.bin")) {
            return files.iterator().next();
        }
    }

    private static TrainedModel trained() {
        var network = Network.random(new int[] {2, 2}, Scaling.upTo(1), 1);
        return new TrainedModel("two", network, List.of("no", "yes"), List.of(2), DataOptions.of("none"));
    }

    /** {@code 2 x0 + 3 x1 + 1}, in the layout that Keras writes. */
    private static void keras(Path file, String layerClass) {
        try (var hdf = HdfFile.write(file)) {
            hdf.putAttribute("keras_version", "2.15.0");
            hdf.putAttribute("model_config", """
                    {"class_name": "Sequential", "config": {"name": "small", "layers": [
                      {"class_name": "%s", "config": {"name": "line", "batch_input_shape": [null, 2], "units": 1,
                       "activation": "linear", "use_bias": true}}]}}
                    """.formatted(layerClass));
            var weights = hdf.putGroup("model_weights");
            weights.putAttribute("layer_names", new String[] {"line"});
            var layer = weights.putGroup("line");
            layer.putAttribute("weight_names", new String[] {"line/kernel:0", "line/bias:0"});
            var inner = layer.putGroup("line");
            inner.putDataset("kernel:0", new float[][] {{2}, {3}});
            inner.putDataset("bias:0", new float[] {1});
        }
    }
}
