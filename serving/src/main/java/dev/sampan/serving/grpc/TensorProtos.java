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
import java.nio.ByteBuffer;
import java.util.List;

/** TensorFlow's tensor message and our tensors. */
public final class TensorProtos {
    private TensorProtos() {}

    /**
     * The tensor in a message: from {@code tensor_content} as it lies there, or from the values of its type, of which the
     * last one is repeated as often as the shape needs.
     */
    public static Tensor read(String name, TensorProto proto, BufferScope buffers) {
        var dtype = dtype(name, proto.getDtype());
        long[] shape = shape(name, proto.getTensorShape());
        long count = elements(name, shape);
        if (dtype == DType.STRING) {
            return strings(name, proto, shape, (int) count);
        }
        long bytes = count * dtype.bytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("Input '" + name + "' of " + bytes + " bytes is too large");
        }
        var content = proto.getTensorContent();
        if (content.isEmpty() && (count == 0 || values(dtype, proto) > 0)) {
            return new Tensor.Numeric(dtype, shape, fill(name, dtype, proto, (int) count, buffers));
        }
        if (content.size() != bytes) {
            throw ServingException.invalid("Input '" + name + "' of type " + dtype.shortName() + " and shape "
                    + Tensor.describe(shape) + " needs " + bytes + " bytes, not " + content.size());
        }
        var data = buffers.take(bytes);
        content.copyTo(data);
        return new Tensor.Numeric(dtype, shape, data.flip());
    }

    private static DType dtype(String name, DataType type) {
        for (var dtype : DType.values()) {
            if (dtype.number() == type.getNumber()) {
                return dtype;
            }
        }
        throw ServingException.invalid("Input '" + name + "' has type " + type + ", which is not supported");
    }

    private static long[] shape(String name, TensorShapeProto proto) {
        if (proto.getUnknownRank()) {
            throw ServingException.invalid("Input '" + name + "' has an unknown rank");
        }
        var shape = new long[proto.getDimCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = proto.getDim(i).getSize();
        }
        return shape;
    }

    private static long elements(String name, long[] shape) {
        try {
            for (long size : shape) {
                if (size < 0) {
                    throw ServingException.invalid(
                            "Input '" + name + "' has a negative size in its shape " + Tensor.describe(shape));
                }
            }
            long count = Tensor.elements(shape);
            if (count <= Integer.MAX_VALUE) {
                return count;
            }
        } catch (ArithmeticException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT, "Input '" + name + "' has an impossible shape " + Tensor.describe(shape), e);
        }
        throw ServingException.invalid("Input '" + name + "' is too large: shape " + Tensor.describe(shape));
    }

    private static Tensor strings(String name, TensorProto proto, long[] shape, int count) {
        int given = proto.getStringValCount();
        if (given > count || given == 0 && count > 0) {
            throw wrongCount(name, given, shape);
        }
        var values = new byte[count][];
        for (int i = 0; i < count; i++) {
            values[i] = proto.getStringVal(Math.min(i, given - 1)).toByteArray();
        }
        return new Tensor.Strings(shape, values);
    }

    private static ServingException wrongCount(String name, int given, long[] shape) {
        return ServingException.invalid(
                "Input '" + name + "' has " + given + " values for shape " + Tensor.describe(shape));
    }

    private static int values(DType dtype, TensorProto proto) {
        return switch (dtype) {
            case FLOAT -> proto.getFloatValCount();
            case DOUBLE -> proto.getDoubleValCount();
            case INT8, UINT8, INT16, UINT16, INT32 -> proto.getIntValCount();
            case INT64 -> proto.getInt64ValCount();
            case BOOL -> proto.getBoolValCount();
            case HALF, BFLOAT16 -> proto.getHalfValCount();
            case UINT32 -> proto.getUint32ValCount();
            case UINT64 -> proto.getUint64ValCount();
            case STRING -> proto.getStringValCount();
        };
    }

    private static ByteBuffer fill(String name, DType dtype, TensorProto proto, int count, BufferScope buffers) {
        int given = values(dtype, proto);
        if (given > count) {
            throw wrongCount(name, given, new long[] {count});
        }
        var data = buffers.take((long) count * dtype.bytes());
        for (int i = 0; i < count; i++) {
            int from = Math.min(i, given - 1);
            switch (dtype) {
                case FLOAT -> data.putFloat(i * 4, proto.getFloatVal(from));
                case DOUBLE -> data.putDouble(i * 8, proto.getDoubleVal(from));
                case INT8, UINT8 -> data.put(i, (byte) proto.getIntVal(from));
                case INT16, UINT16 -> data.putShort(i * 2, (short) proto.getIntVal(from));
                case INT32 -> data.putInt(i * 4, proto.getIntVal(from));
                case INT64 -> data.putLong(i * 8, proto.getInt64Val(from));
                case BOOL -> data.put(i, (byte) (proto.getBoolVal(from) ? 1 : 0));
                case HALF, BFLOAT16 -> data.putShort(i * 2, (short) proto.getHalfVal(from));
                case UINT32 -> data.putInt(i * 4, proto.getUint32Val(from));
                case UINT64 -> data.putLong(i * 8, proto.getUint64Val(from));
                case STRING -> throw new IllegalStateException("strings are no numbers");
            }
        }
        return data;
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
