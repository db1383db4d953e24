package dev.sampan.models.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sampan.models.onnx.OnnxRuntimes;
import io.jhdf.HdfFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files that Keras 3 and Keras 2 wrote (make_models.py beside them), with what Keras itself predicts. */
class KerasConverterTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cnn-keras",
                "cnn-tf_keras",
                "residual-keras",
                "residual-tf_keras",
                "text-keras",
                "text-tf_keras",
                "shared-keras"
            })
    void predictsAsKerasDoes(String name) throws Exception {
        var truth = JsonMapper.shared().readTree(resource(name + ".json"));
        var environment = OnnxRuntimes.environment();
        var inputs = new HashMap<String, OnnxTensor>();
        try (var session = environment.createSession(KerasConverter.convert(resource(name + ".h5")))) {
            var names = session.getInputNames().iterator();
            for (var input : truth.path("inputs").properties()) {
                inputs.put(names.next(), tensor(session, input.getKey(), input.getValue()));
            }
            try (var result = session.run(inputs)) {
                int output = 0;
                for (var expected : truth.path("outputs")) {
                    var actual = (OnnxTensor) result.get(output++);
                    assertThat(actual.getInfo().getShape()).isEqualTo(shape(expected));
                    var values = actual.getFloatBuffer();
                    for (var value : expected.path("values")) {
                        assertThat(values.get()).isCloseTo((float) value.asDouble(), within(2e-6f));
                    }
                }
                assertThat(output).isEqualTo(session.getOutputNames().size());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(OrtSession session, String name, JsonNode input) throws OrtException {
        var environment = OnnxRuntimes.environment();
        var values = input.path("values")
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .toArray();
        if (Objects.requireNonNull(session.getInputInfo().values().iterator().next())
                .getInfo()
                .toString()
                .contains("INT32")) {
            assertThat(name).isEqualTo("words");
            var integers = IntBuffer.allocate(values.length);
            for (double value : values) {
                integers.put((int) value);
            }
            return OnnxTensor.createTensor(environment, integers.flip(), shape(input));
        }
        var floats = FloatBuffer.allocate(values.length);
        for (double value : values) {
            floats.put((float) value);
        }
        return OnnxTensor.createTensor(environment, floats.flip(), shape(input));
    }

    private static long[] shape(JsonNode tensor) {
        return tensor.path("shape").valueStream().mapToLong(JsonNode::asLong).toArray();
    }

    @Test
    void namesALayerThatIsNotSupportedWithItsConfiguration() {
        assertThatThrownBy(() -> KerasConverter.convert(resource("unsupported-keras.h5")))
                .isInstanceOf(KerasException.class)
                .hasMessageStartingWith("layer 'up' (Conv2DTranspose): ")
                .hasMessageContaining("\"kernel_size\":[3,3]");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        var text = Files.writeString(folder.resolve("text.h5"), "this is no HDF5 file");
        assertThatThrownBy(() -> KerasConverter.convert(text)).hasMessageContaining("not a valid HDF5 file");
        var whole = Files.readAllBytes(resource("cnn-keras.h5"));
        var half = Files.write(folder.resolve("half.h5"), java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> KerasConverter.convert(half)).isInstanceOf(KerasException.class);
        var weights = folder.resolve("weights.h5");
        try (var hdf = HdfFile.write(weights)) {
            hdf.putGroup("model_weights");
        }
        assertThatThrownBy(() -> KerasConverter.convert(weights)).hasMessageContaining("save the whole model");
        var config = folder.resolve("config.h5");
        try (var hdf = HdfFile.write(config)) {
            hdf.putAttribute("model_config", "{\"class_name\": \"MyModel\", \"config\": {}}");
            hdf.putGroup("model_weights").putAttribute("layer_names", new String[] {"none"});
        }
        assertThatThrownBy(() -> KerasConverter.convert(config)).hasMessageContaining("class 'MyModel'");
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(KerasConverterTest.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
