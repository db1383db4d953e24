package dev.sampan.serving;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.format.ModelFolders;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Network;
import dev.sampan.models.onnx.Onnx;
import dev.sampan.models.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Small real models. */
public final class TestModels {
    /** Values of a row of {@link #classifier}. */
    public static final int WIDTH = 4;

    private TestModels() {}

    /** Writes a model of ten classes that always answers {@code version % 10} with probability of nearly 1. */
    public static void classifier(Path base, long version) throws IOException {
        int[] sizes = {WIDTH, 10};
        var network = Network.random(sizes, Scaling.upTo(1), version);
        network.parameters()[network.biases(0) + (int) (version % 10)] = 1000;
        var classes = IntStream.range(0, 10).mapToObj(i -> "class-" + i).toList();
        var model = new TrainedModel("test", network, classes, List.of(WIDTH), DataOptions.of("none"));
        write(base, version, OnnxWriter.write(model));
    }

    /** Makes a model file the given version. */
    public static void write(Path base, long version, byte[] onnx) throws IOException {
        ModelFolders.publish(base.resolve(Long.toString(version)).resolve("model.onnx"), onnx);
    }

    /** Output {@code y} is input {@code x}, of any shape of the given rank and of the given type. */
    public static byte[] identity(Onnx.TensorProto.DataType type, int rank) {
        var graph = Onnx.GraphProto.newBuilder().setName("identity");
        graph.addInput(value("x", type, rank)).addOutput(value("y", type, rank));
        graph.addNode(
                Onnx.NodeProto.newBuilder().setOpType("Identity").addInput("x").addOutput("y"));
        return model(graph);
    }

    /** {@code sum = a + b} and {@code product = a * b} over rows of floats. */
    public static byte[] sumAndProduct() {
        var type = Onnx.TensorProto.DataType.FLOAT;
        var graph = Onnx.GraphProto.newBuilder().setName("arithmetic");
        graph.addInput(value("a", type, 2)).addInput(value("b", type, 2));
        graph.addOutput(value("sum", type, 2)).addOutput(value("product", type, 2));
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType("Add")
                .addInput("a")
                .addInput("b")
                .addOutput("sum"));
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType("Mul")
                .addInput("a")
                .addInput("b")
                .addOutput("product"));
        return model(graph);
    }

    /** {@code y} is {@code x}, rows of floats, in 256 steps between the smallest and largest value of all rows. */
    public static byte[] quantizedByRange() {
        var type = Onnx.TensorProto.DataType.FLOAT;
        var graph = Onnx.GraphProto.newBuilder().setName("quantized");
        graph.addInput(value("x", type, 2)).addOutput(value("y", type, 2));
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType("DynamicQuantizeLinear")
                .addInput("x")
                .addOutput("q")
                .addOutput("scale")
                .addOutput("zero"));
        graph.addNode(Onnx.NodeProto.newBuilder()
                .setOpType("DequantizeLinear")
                .addInput("q")
                .addInput("scale")
                .addInput("zero")
                .addOutput("y"));
        return model(graph);
    }

    private static byte[] model(Onnx.GraphProto.Builder graph) {
        return Onnx.ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static Onnx.ValueInfoProto value(String name, Onnx.TensorProto.DataType type, int rank) {
        var shape = Onnx.TensorShapeProto.newBuilder();
        for (int i = 0; i < rank; i++) {
            shape.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam("d" + i));
        }
        var tensor =
                Onnx.TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape);
        return Onnx.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(Onnx.TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }
}
