package dev.sampan.serving.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.proto.TensorShapeProto;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.wire.ProtoReader;
import java.util.List;

/** TensorFlow's tensor message and our tensors. */
public final class TensorProtos {
    private static final List<DType> DTYPES = List.of(DType.values());

    private TensorProtos() {}

    /** The tensor in a message; {@link TensorMessage} says from where in it. */
    public static Tensor read(String name, TensorProto proto, BufferScope buffers) {
        var bytes = proto.toByteString().asReadOnlyByteBuffer();
        return TensorMessage.read(new ProtoReader(bytes), buffers).tensor(name);
    }

    static DType dtype(String name, int number) {
        for (var dtype : DTYPES) {
            if (dtype.number() == number) {
                return dtype;
            }
        }
        var type = DataType.forNumber(number);
        throw ServingException.invalid("Input '" + name + "' has type " + (type == null ? "number " + number : type)
                + ", which is not supported");
    }

    static int elements(String name, long[] shape) {
        try {
            for (long size : shape) {
                if (size < 0) {
                    throw ServingException.invalid(
                            "Input '" + name + "' has a negative size in its shape " + Tensor.describe(shape));
                }
            }
            long count = Tensor.elements(shape);
            if (count <= Integer.MAX_VALUE) {
                return (int) count;
            }
        } catch (ArithmeticException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT, "Input '" + name + "' has an impossible shape " + Tensor.describe(shape), e);
        }
        throw ServingException.invalid("Input '" + name + "' is too large: shape " + Tensor.describe(shape));
    }

    static ServingException wrongCount(String name, int given, long[] shape) {
        return ServingException.invalid(
                "Input '" + name + "' has " + given + " values for shape " + Tensor.describe(shape));
    }

    /**
     * A tensor as a message.
     *
     * @param asContent numbers in {@code tensor_content} instead of the field of their type
     */
    public static TensorProto write(Tensor tensor, boolean asContent) {
        var proto =
                TensorProto.newBuilder().setDtypeValue(tensor.dtype().number()).setTensorShape(shape(tensor.shape()));
        switch (tensor) {
            case Tensor.Strings strings ->
                List.of(strings.values()).forEach(value -> proto.addStringVal(UnsafeByteOperations.unsafeWrap(value)));
            case Tensor.Numeric numeric -> {
                if (asContent) {
                    proto.setTensorContent(ByteString.copyFrom(numeric.data().duplicate()));
                } else {
                    addValues(numeric, proto);
                }
            }
        }
        return proto.build();
    }

    static TensorShapeProto shape(long[] shape) {
        var proto = TensorShapeProto.newBuilder();
        for (long size : shape) {
            proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return proto.build();
    }

    private static void addValues(Tensor.Numeric tensor, TensorProto.Builder proto) {
        var data = tensor.data();
        int count = (int) Tensor.elements(tensor.shape());
        for (int i = 0; i < count; i++) {
            switch (tensor.dtype()) {
                case FLOAT -> proto.addFloatVal(data.getFloat(i * 4));
                case DOUBLE -> proto.addDoubleVal(data.getDouble(i * 8));
                case INT8 -> proto.addIntVal(data.get(i));
                case UINT8 -> proto.addIntVal(data.get(i) & 0xff);
                case INT16 -> proto.addIntVal(data.getShort(i * 2));
                case UINT16 -> proto.addIntVal(data.getShort(i * 2) & 0xffff);
                case INT32 -> proto.addIntVal(data.getInt(i * 4));
                case INT64 -> proto.addInt64Val(data.getLong(i * 8));
                case BOOL -> proto.addBoolVal(data.get(i) != 0);
                case HALF, BFLOAT16 -> proto.addHalfVal(data.getShort(i * 2) & 0xffff);
                case UINT32 -> proto.addUint32Val(data.getInt(i * 4));
                case UINT64 -> proto.addUint64Val(data.getLong(i * 8));
                case STRING -> throw new IllegalStateException("strings are no numbers");
            }
        }
    }
}
