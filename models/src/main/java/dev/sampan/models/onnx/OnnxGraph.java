package dev.sampan.models.onnx;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Builds an ONNX graph node by node; values are called by their names. Opset 13. Used by one thread.
 */
public final class OnnxGraph {
    private static final int OPSET = 13;
    private static final int IR_VERSION = 8;

    private final Onnx.GraphProto.Builder graph = Onnx.GraphProto.newBuilder();
    private int values;

    public OnnxGraph(String name) {
        graph.setName(name);
    }

    /** A name that no value has yet. */
    public String fresh(String hint) {
        return hint + "_" + values++;
    }

    /**
     * Declares an input of the model.
     *
     * @param shape sizes of the dimensions after the batch, which is of any size; -1 for any size
     */
    public void input(String name, Onnx.TensorProto.DataType type, List<Long> shape) {
        graph.addInput(value(name, type, shape));
    }

    /** Declares an output of the model, likewise. */
    public void output(String name, Onnx.TensorProto.DataType type, List<Long> shape) {
        graph.addOutput(value(name, type, shape));
    }

    private static Onnx.ValueInfoProto value(String name, Onnx.TensorProto.DataType type, List<Long> shape) {
        var sizes = Onnx.TensorShapeProto.newBuilder();
        sizes.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
        for (long size : shape) {
            var dimension = Onnx.TensorShapeProto.Dimension.newBuilder();
            sizes.addDim(
                    size < 0 ? dimension.setDimParam(name + "_" + sizes.getDimCount()) : dimension.setDimValue(size));
        }
        return Onnx.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(Onnx.TypeProto.newBuilder()
                        .setTensorType(Onnx.TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(sizes)))
                .build();
    }

    /** A node with one output; returns the output's name. */
    public String node(String type, Collection<String> inputs, Map<String, ?> attributes) {
        var output = fresh(type.toLowerCase(java.util.Locale.ROOT));
        node(type, inputs, attributes, List.of(output));
        return output;
    }

    /** A node with one output and no attributes. */
    public String node(String type, String... inputs) {
        return node(type, Arrays.asList(inputs), Map.of());
    }

    /**
     * A node with these outputs; empty names for outputs that are not wanted.
     *
     * @param attributes integers as Long, decimals as Float, texts as String, lists of them as long[], float[] or List of String
     */
    public void node(String type, Collection<String> inputs, Map<String, ?> attributes, List<String> outputs) {
        var node = Onnx.NodeProto.newBuilder()
                .setOpType(type)
                .setName(fresh("node"))
                .addAllInput(inputs)
                .addAllOutput(outputs);
        attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
        graph.addNode(node);
    }

    private static Onnx.AttributeProto attribute(String name, Object value) {
        var attribute = Onnx.AttributeProto.newBuilder().setName(name);
        switch (value) {
            case Long number ->
                attribute.setType(Onnx.AttributeProto.AttributeType.INT).setI(number);
            case Float number ->
                attribute.setType(Onnx.AttributeProto.AttributeType.FLOAT).setF(number);
            case String text ->
                attribute.setType(Onnx.AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
            case long[] numbers -> {
                attribute.setType(Onnx.AttributeProto.AttributeType.INTS);
                for (long number : numbers) {
                    attribute.addInts(number);
                }
            }
            case List<?> texts -> {
                attribute.setType(Onnx.AttributeProto.AttributeType.STRINGS);
                texts.forEach(text -> attribute.addStrings(ByteString.copyFromUtf8(text.toString())));
            }
            default -> throw new IllegalArgumentException("attribute " + name + " is a " + value.getClass());
        }
        return attribute.build();
    }

    /** A constant of floats. */
    public String constant(float[] values, long... shape) {
        var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return constant(Onnx.TensorProto.DataType.FLOAT, bytes.array(), shape);
    }

    /** A constant number. */
    public String constant(float value) {
        return constant(new float[] {value});
    }

    /** A constant list of integers. */
    public String integers(long... values) {
        var bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return constant(Onnx.TensorProto.DataType.INT64, bytes.array(), values.length);
    }

    private String constant(Onnx.TensorProto.DataType type, byte[] bytes, long... shape) {
        var name = fresh("constant");
        graph.addInitializer(Onnx.TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .addAllDims(Arrays.stream(shape).boxed().toList())
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    /** The model as a file holds it. */
    public byte[] model() {
        return Onnx.ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("sampan")
                .setModelVersion(1)
                .addOpsetImport(
                        Onnx.OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph)
                .build()
                .toByteArray();
    }
}
