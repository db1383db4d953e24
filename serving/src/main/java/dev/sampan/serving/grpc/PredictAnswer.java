package dev.sampan.serving.grpc;

import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.wire.ProtoWriter;
import dev.sampan.serving.wire.WireMessage;
import java.io.IOException;
import java.util.Map;

/** {@code PredictResponse}, written from the buffers in which the outputs lie. */
final class PredictAnswer implements WireMessage {
    private static final int OUTPUTS = 1;
    private static final int MODEL_SPEC = 2;
    private static final int KEY = 1;
    private static final int VALUE = 2;

    private final byte[] model;
    private final long version;
    private final byte[] signature;
    private final Output[] outputs;
    private final int specSize;

    /**
     * @param shapeSize of the message of the shape
     * @param field of the values
     * @param valuesSize of the field of numbers, without tag and length
     * @param size of the tensor's message
     */
    private record Output(
            byte[] name, Tensor tensor, int shapeSize, int field, int valuesSize, int size, boolean asContent) {
        int entrySize() {
            return ProtoWriter.nestedSize(KEY, name.length) + ProtoWriter.nestedSize(VALUE, size);
        }
    }

    /** @param asContent numbers in {@code tensor_content} instead of the field of their type */
    PredictAnswer(ServableHandle handle, String signature, Map<String, Tensor> outputs, boolean asContent) {
        this.model = ProtoWriter.utf8(handle.modelName());
        this.version = handle.version();
        this.signature = ProtoWriter.utf8(signature);
        this.specSize = SpecMessage.size(model, version, this.signature);
        this.outputs = new Output[outputs.size()];
        int i = 0;
        for (var output : outputs.entrySet()) {
            this.outputs[i++] = output(ProtoWriter.utf8(output.getKey()), output.getValue(), asContent);
        }
    }

    private static Output output(byte[] name, Tensor tensor, boolean asContent) {
        int shapeSize = 0;
        for (long size : tensor.shape()) {
            shapeSize += ProtoWriter.nestedSize(TensorMessage.DIM, dimSize(size));
        }
        boolean raw = asContent && tensor instanceof Tensor.Numeric;
        int field = raw ? TensorMessage.CONTENT : TensorMessage.field(tensor.dtype());
        int values = 0;
        int size =
                ProtoWriter.varintFieldSize(TensorMessage.DTYPE, tensor.dtype().number())
                        + ProtoWriter.nestedSize(TensorMessage.SHAPE, shapeSize);
        switch (tensor) {
            case Tensor.Numeric numeric -> {
                values = raw ? numeric.data().limit() : ProtoWriter.packedSize(numeric.dtype(), numeric.data());
                size = Math.addExact(size, values == 0 ? 0 : ProtoWriter.nestedSize(field, values));
            }
            case Tensor.Strings strings -> {
                for (var value : strings.values()) {
                    size = Math.addExact(size, ProtoWriter.nestedSize(field, value.length));
                }
            }
        }
        return new Output(name, tensor, shapeSize, field, values, size, raw);
    }

    private static int dimSize(long size) {
        return size == 0 ? 0 : ProtoWriter.varintFieldSize(TensorMessage.DIM_SIZE, size);
    }

    @Override
    public int size() {
        int size = ProtoWriter.nestedSize(MODEL_SPEC, specSize);
        for (var output : outputs) {
            size = Math.addExact(size, ProtoWriter.nestedSize(OUTPUTS, output.entrySize()));
        }
        return size;
    }

    @Override
    public void write(ProtoWriter out) throws IOException {
        for (var output : outputs) {
            out.nested(OUTPUTS, output.entrySize());
            out.string(KEY, output.name).nested(VALUE, output.size);
            write(output, out);
        }
        out.nested(MODEL_SPEC, specSize);
        SpecMessage.write(out, model, version, signature);
    }

    private static void write(Output output, ProtoWriter out) throws IOException {
        var tensor = output.tensor;
        out.varint(TensorMessage.DTYPE, tensor.dtype().number());
        out.nested(TensorMessage.SHAPE, output.shapeSize);
        for (long size : tensor.shape()) {
            out.nested(TensorMessage.DIM, dimSize(size));
            if (size != 0) {
                out.varint(TensorMessage.DIM_SIZE, size);
            }
        }
        switch (tensor) {
            case Tensor.Numeric numeric -> {
                if (output.valuesSize > 0) {
                    out.nested(output.field, output.valuesSize);
                    values(output, numeric, out);
                }
            }
            case Tensor.Strings strings -> {
                for (var value : strings.values()) {
                    out.string(output.field, value);
                }
            }
        }
    }

    private static void values(Output output, Tensor.Numeric tensor, ProtoWriter out) throws IOException {
        if (output.asContent) {
            out.raw(tensor.data());
        } else {
            out.packed(tensor.dtype(), tensor.data());
        }
    }
}
