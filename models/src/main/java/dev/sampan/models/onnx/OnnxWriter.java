package dev.sampan.models.onnx;

import com.google.protobuf.ByteString;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Network;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a trained network as an ONNX model: scaling, Gemm and Relu for each layer, Softmax. Input {@code inputs} has shape
 * {@code [batch, values]}, output {@code probabilities} {@code [batch, classes]}, both float32 with a dynamic batch.
 */
public final class OnnxWriter {
    /** Opset 13 (softmax over one axis, as in current frameworks) and the IR version that came with it or later. */
    private static final int OPSET = 13;

    private static final int IR_VERSION = 8;

    public static final String INPUT = "inputs";
    public static final String OUTPUT = "probabilities";

    private final Onnx.GraphProto.Builder graph = Onnx.GraphProto.newBuilder();

    private OnnxWriter() {}

    public static byte[] write(TrainedModel model) {
        return new OnnxWriter().model(model).toByteArray();
    }

    private Onnx.ModelProto model(TrainedModel model) {
        var network = model.network();
        var json = JsonMapper.shared();
        graph.setName(model.name());
        graph.addInput(value(INPUT, network.inputWidth()));
        graph.addOutput(value(OUTPUT, network.classes()));
        var layer = scaled(network);
        for (int i = 0; i < network.layers(); i++) {
            layer = dense(network, i, layer);
        }
        return Onnx.ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("sampan")
                .setModelVersion(1)
                .addOpsetImport(
                        Onnx.OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph)
                .addMetadataProps(property("classes", json.writeValueAsString(model.classes())))
                .addMetadataProps(property("sample_shape", json.writeValueAsString(model.sampleShape())))
                .addMetadataProps(property("trained_on", model.data().source()))
                .build();
    }

    private String scaled(Network network) {
        var scaling = network.scaling();
        var name = INPUT;
        if (!all(scaling.offset(), 0)) {
            name = node("Sub", "centred", name, constant("offset", shape(scaling.offset()), scaling.offset(), 0));
        }
        if (!all(scaling.factor(), 1)) {
            name = node("Mul", "scaled", name, constant("factor", shape(scaling.factor()), scaling.factor(), 0));
        }
        return name;
    }

    private String dense(Network network, int layer, String input) {
        long in = network.sizes()[layer];
        long out = network.sizes()[layer + 1];
        var parameters = network.parameters();
        var weights = constant("weights_" + layer, List.of(in, out), parameters, network.weights(layer));
        var biases = constant("biases_" + layer, List.of(out), parameters, network.biases(layer));
        var sum = node("Gemm", "sum_" + layer, input, weights, biases);
        if (layer + 1 < network.layers()) {
            return node("Relu", "hidden_" + layer, sum);
        }
        var axis = Onnx.AttributeProto.newBuilder()
                .setName("axis")
                .setI(-1)
                .setType(Onnx.AttributeProto.AttributeType.INT);
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType("Softmax")
                .setName(OUTPUT)
                .addInput(sum)
                .addOutput(OUTPUT)
                .addAttribute(axis));
        return OUTPUT;
    }

    private String node(String type, String output, String... inputs) {
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType(type)
                .setName(output)
                .addAllInput(Arrays.asList(inputs))
                .addOutput(output));
        return output;
    }

    private String constant(String name, List<Long> shape, float[] values, int from) {
        int count = shape.stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
        var bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values, from, count);
        graph.addInitializer(Onnx.TensorProto.newBuilder()
                .setName(name)
                .setDataType(Onnx.TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(shape)
                .setRawData(ByteString.copyFrom(bytes.array())));
        return name;
    }

    private static Onnx.ValueInfoProto value(String name, int width) {
        var shape = Onnx.TensorShapeProto.newBuilder()
                .addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
                .addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(width));
        return Onnx.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(Onnx.TypeProto.newBuilder()
                        .setTensorType(Onnx.TypeProto.Tensor.newBuilder()
                                .setElemType(Onnx.TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    private static Onnx.StringStringEntryProto property(String key, String value) {
        return Onnx.StringStringEntryProto.newBuilder()
                .setKey(key)
                .setValue(value)
                .build();
    }

    private static List<Long> shape(float[] values) {
        return List.of((long) values.length);
    }

    private static boolean all(float[] values, float expected) {
        for (float value : values) {
            if (value != expected) {
                return false;
            }
        }
        return true;
    }
}
