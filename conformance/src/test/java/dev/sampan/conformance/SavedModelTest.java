package dev.sampan.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sampan.serving.ChildServer;
import dev.sampan.serving.ModelServer;
import dev.sampan.serving.RestClient;
import dev.sampan.serving.ServerOptions;
import dev.sampan.serving.TestModels;
import dev.sampan.serving.TestServers;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensorflow.SavedModelEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/** SavedModels that TensorFlow Java wrote, served by TensorFlow, compared with TensorFlow Java's own answers. */
class SavedModelTest {
    @TempDir
    static Path folder;

    private static Path library = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        try {
            library = SavedModels.library();
        } catch (UnsatisfiedLinkError e) {
            Assumptions.abort("TensorFlow's library is not on the class path for this platform: " + e.getMessage());
        }
        SavedModels.linear(Files.createDirectories(folder.resolve("linear")).resolve("1"));
    }

    private static ServerOptions options(String... models) {
        var usual = ServerOptions.Loading.DEFAULT;
        return TestServers.options(folder, List.of(models))
                .with(usual.with(new EngineOptions(1, 1, library, "serve"))
                        .polling(java.time.Duration.ofMillis(20), java.time.Duration.ZERO));
    }

    @Test
    void answersAllSignaturesOverRest() throws Exception {
        try (var server = new ModelServer(options("linear")).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.post("/v1/models/linear:predict", "{\"instances\": [[1, 1], [0, 0.5]]}")
                            .json()
                            .path("predictions")
                            .toString())
                    .isEqualTo("[[6.0],[2.5]]");
            assertThat(client.post(
                                    "/v1/models/linear:predict",
                                    "{\"signature_name\": \"upper\", \"inputs\": [\"blå\", \"\", \"a string of more than twenty-two bytes\"]}")
                            .json()
                            .toString())
                    .contains("A STRING OF MORE THAN TWENTY-TWO BYTES")
                    .contains("\"lengths\":[4,0,38]");
            assertThat(client.post(
                                    "/v1/models/linear:classify",
                                    "{\"signature_name\": \"classify\", \"examples\": [{\"x\": [1.0, 1.0]}]}")
                            .json()
                            .path("results")
                            .toString())
                    .isEqualTo("[[[\"up\",6.0],[\"down\",-6.0]]]");
            assertThat(client.post(
                                    "/v1/models/linear:regress",
                                    "{\"signature_name\": \"regress\", \"examples\": [{\"x\": [1.0, 1.0]}, {\"x\": [0.0, 0.0]}]}")
                            .json()
                            .path("results")
                            .toString())
                    .isEqualTo("[6.0,1.0]");
            assertThat(client.post("/v1/models/linear:predict", "{\"instances\": [[1, 1, 1]]}")
                            .error())
                    .contains("expected [-1,2]");
            assertThat(client.post(
                                    "/v1/models/linear:classify",
                                    "{\"signature_name\": \"classify\", \"examples\": [{\"z\": [1.0]}]}")
                            .error())
                    .contains("x");
            var metadata = client.get("/v1/models/linear/metadata").json();
            assertThat(metadata.toString()).contains("serving_default", "upper", "classify", "regress", "DT_STRING");
            assertThat(client.get("/v2/models/linear").json().path("platform").asString())
                    .isEqualTo("tensorflow_savedmodel");
        }
    }

    @Test
    void agreesWithTensorFlowJava() throws Exception {
        var random = new SplittableRandom(1);
        var rows = new float[100][2];
        for (var row : rows) {
            row[0] = (float) random.nextGaussian();
            row[1] = (float) random.nextGaussian();
        }
        var engine = new SavedModelEngine(library, "serve", 1, 1);
        try (var bundle = SavedModelBundle.load(
                        folder.resolve("linear").resolve("1").toString(), "serve");
                var input = TFloat32.tensorOf(StdArrays.ndCopyOf(rows));
                var expected = bundle.call(Map.of("x", input));
                var model = engine.load(folder.resolve("linear").resolve("1"));
                var buffers = new BufferPool(0).scope()) {
            var data = buffers.take(rows.length * 8L);
            for (var row : rows) {
                data.putFloat(row[0]).putFloat(row[1]);
            }
            var signature = model.signatures().get("serving_default");
            var y = (Tensor.Numeric) model.run(
                            signature,
                            Map.of("x", new Tensor.Numeric(DType.FLOAT, new long[] {rows.length, 2}, data.rewind())),
                            List.of("y"),
                            buffers)
                    .get("y");
            var truth = (TFloat32) expected.get(0);
            assertThat(truth.shape()).isEqualTo(Shape.of(rows.length, 1));
            for (int i = 0; i < rows.length; i++) {
                assertThat(y.data().getFloat(i * 4)).isCloseTo(truth.getFloat(i, 0), within(1e-6f));
            }
        }
    }

    @Test
    void carriesEveryTypeAndShape() throws Exception {
        var types = Arrays.stream(DType.values())
                .map(type -> DataType.valueOf(type.tensorFlowName()))
                .toList();
        var base = folder.resolve("identities");
        SavedModels.identities(base, types);
        var engine = new SavedModelEngine(library, "serve", 1, 1);
        try (var model = engine.load(base)) {
            for (var type : DType.values()) {
                for (var shape : List.of(new long[] {}, new long[] {0}, new long[] {3}, new long[] {2, 1, 2})) {
                    var tensor = tensor(type, shape);
                    var signature = model.signatures().get(type.tensorFlowName());
                    try (var buffers = new BufferPool(0).scope()) {
                        var answer = model.run(signature, Map.of("x", tensor), List.of("y"), buffers)
                                .get("y");
                        assertThat(bytes(answer))
                                .as(type + Arrays.toString(shape))
                                .isEqualTo(bytes(tensor));
                        assertThat(answer.shape()).isEqualTo(shape);
                    }
                }
            }
        }
    }

    private static Tensor tensor(DType type, long[] shape) {
        int count = (int) Tensor.elements(shape);
        if (type == DType.STRING) {
            var values = new byte[count][];
            for (int i = 0; i < count; i++) {
                values[i] = "s\0\u00ff".repeat(i * 10).getBytes(StandardCharsets.ISO_8859_1);
            }
            return new Tensor.Strings(shape, values);
        }
        var data = ByteBuffer.allocateDirect(count * type.bytes()).order(ByteOrder.nativeOrder());
        for (int i = 0; i < data.capacity(); i++) {
            data.put(i, (byte) (type == DType.BOOL ? i % 2 : i * 37));
        }
        return new Tensor.Numeric(type, shape, data);
    }

    private static Object bytes(Tensor tensor) {
        return switch (tensor) {
            case Tensor.Numeric numeric -> numeric.data().duplicate().rewind();
            case Tensor.Strings strings ->
                Arrays.stream(strings.values()).map(Arrays::toString).toList();
        };
    }

    @Test
    void aBrokenSavedModelSaysWhyAndLeavesTheOldVersionAlone() throws Exception {
        var base = folder.resolve("broken");
        SavedModels.linear(Files.createDirectories(base).resolve("1"));
        Files.createDirectories(base.resolve("2"));
        Files.writeString(base.resolve("2").resolve("saved_model.pb"), "this is no protobuf message");
        var third = base.resolve("3");
        SavedModels.linear(third);
        Files.writeString(third.resolve("variables").resolve("variables.index"), "cut off");
        try (var server = new ModelServer(options("broken")).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/broken/versions/3").body())
                    .contains("TensorFlow 2.", "file is too short");
            Files.move(third, folder.resolve("elsewhere"));
            await().untilAsserted(() -> assertThat(
                            client.get("/v1/models/broken/versions/2").body())
                    .contains("is not a SavedModel"));
            Files.move(base.resolve("2"), folder.resolve("elsewhere2"));
            await().untilAsserted(() -> assertThat(client.post("/v1/models/broken:predict", "{\"instances\": [[1, 1]]}")
                            .body())
                    .contains("6.0"));
        }
    }

    @Test
    void tensorFlowIsOpenedOnlyForASavedModel() throws Exception {
        var base = folder.resolve("grows");
        TestModels.classifier(base, 1);
        try (var server = ChildServer.start(
                        "--model_name=grows", "--model_base_path=" + base, "--tensorflow_library_dir=" + library);
                var client = new RestClient(server.uri())) {
            assertThat(server.maps()).contains("libonnxruntime").doesNotContain("libtensorflow");
            SavedModels.linear(base.resolve("2"));
            await().untilAsserted(() -> assertThat(client.post("/v1/models/grows:predict", "{\"instances\": [[1, 1]]}")
                            .body())
                    .contains("6.0"));
            assertThat(server.maps()).contains("libtensorflow");
        }
    }

    @Test
    void withoutTensorFlowTheStatusSaysHowToGetIt() throws Exception {
        var options = TestServers.options(folder, List.of("linear"))
                .with(ServerOptions.Loading.DEFAULT.with(new EngineOptions(1, 1, folder.resolve("nowhere"), "serve")));
        try (var server = new ModelServer(options).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/linear").body())
                    .contains("a SavedModel needs TensorFlow", "sampan engine install tensorflow");
        }
    }
}
