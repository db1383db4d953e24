package dev.sampan.benchmarks;

import com.google.protobuf.ByteString;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.format.ModelFolders;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Network;
import dev.sampan.models.onnx.Onnx;
import dev.sampan.models.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** The models that are served in the benchmarks; weights are random, as speed does not depend on them. */
final class ServingModels {
    /** Values of an item of either model. */
    static final int PIXELS = 28 * 28;

    private ServingModels() {}

    /** A multi-layer perceptron 784-128-10. */
    static void perceptron(Path base) throws IOException {
        var network = Network.random(new int[] {PIXELS, 128, 10}, Scaling.upTo(1), 1);
        var model = new TrainedModel(
                "mlp",
                network,
                List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
                List.of(PIXELS),
                DataOptions.of("none"));
        ModelFolders.publish(base.resolve("1/model.onnx"), OnnxWriter.write(model));
    }

    /** Two convolutions (16 of 5x5, then 32 of 3x3 with stride 2) and a linear layer, over rows of 784 pixels. */
    static void convolutions(Path base) throws IOException {
        var graph = Onnx.GraphProto.newBuilder().setName("cnn");
        graph.addInput(rows("inputs", PIXELS)).addOutput(rows("scores", 10));
        var random = new SplittableRandom(2);
        graph.addInitializer(Onnx.TensorProto.newBuilder()
                .setName("image")
                .setDataType(Onnx.TensorProto.DataType.INT64.getNumber())
                .addDims(4)
                .addAllInt64Data(List.of(-1L, 1L, 28L, 28L)));
        graph.addInitializer(weights("w1", random, 16, 1, 5, 5));
        graph.addInitializer(weights("w2", random, 32, 16, 3, 3));
        graph.addInitializer(weights("w3", random, 32 * 11 * 11, 10));
        graph.addInitializer(weights("b3", random, 10));
        graph.addNode(node("Reshape", "x", "inputs", "image"));
        graph.addNode(node("Conv", "c1", "x", "w1"));
        graph.addNode(node("Relu", "r1", "c1"));
        graph.addNode(node("Conv", "c2", "r1", "w2").addAttribute(strides()));
        graph.addNode(node("Relu", "r2", "c2"));
        graph.addNode(node("Flatten", "f", "r2"));
        graph.addNode(node("Gemm", "scores", "f", "w3", "b3"));
        var model = Onnx.ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(graph);
        ModelFolders.publish(base.resolve("1/model.onnx"), model.build().toByteArray());
    }

    private static Onnx.NodeProto.Builder node(String type, String output, String... inputs) {
        return Onnx.NodeProto.newBuilder()
                .setOpType(type)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static Onnx.AttributeProto strides() {
        return Onnx.AttributeProto.newBuilder()
                .setName("strides")
                .setType(Onnx.AttributeProto.AttributeType.INTS)
                .addInts(2)
                .addInts(2)
                .build();
    }

    private static Onnx.TensorProto weights(String name, SplittableRandom random, int... shape) {
        var tensor =
                Onnx.TensorProto.newBuilder().setName(name).setDataType(Onnx.TensorProto.DataType.FLOAT.getNumber());
        int count = 1;
        for (int size : shape) {
            tensor.addDims(size);
            count *= size;
        }
        var values = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            values.putFloat((float) random.nextDouble(-0.1, 0.1));
        }
        return tensor.setRawData(ByteString.copyFrom(values.flip())).build();
    }

    private static Onnx.ValueInfoProto rows(String name, int width) {
        var shape = Onnx.TensorShapeProto.newBuilder()
                .addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
                .addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(width));
        return Onnx.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(Onnx.TypeProto.newBuilder()
                        .setTensorType(Onnx.TypeProto.Tensor.newBuilder()
                                .setElemType(Onnx.TensorProto.DataType.FLOAT.getNumber())
                                .setShape(shape)))
                .build();
    }
}
