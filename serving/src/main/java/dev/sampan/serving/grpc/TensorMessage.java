package dev.sampan.serving.grpc;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.wire.Content;
import dev.sampan.serving.wire.Numbers;
import dev.sampan.serving.wire.ProtoReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow's {@code TensorProto} on the wire. Its numbers go straight into a tensor's buffer, from {@code tensor_content} as
 * they lie there or from the field of their type; the last one is repeated as often as the shape needs.
 */
final class TensorMessage {
    static final int DTYPE = 1;
    static final int SHAPE = 2;
    static final int CONTENT = 4;
    static final int INT_VAL = 7;
    static final int STRING_VAL = 8;
    static final int DIM = 2;
    static final int DIM_SIZE = 1;
    private static final int UNKNOWN_RANK = 3;
    private static final int LAST_FIELD = 17;

    private final BufferScope buffers;
    private int type;
    private long[] shape = {};
    private boolean unknownRank;
    private @Nullable Content content;
    /** By field number. */
    private final @Nullable Numbers[] numbers = new Numbers[LAST_FIELD + 1];

    private final List<byte[]> strings = new ArrayList<>(0);

    private TensorMessage(BufferScope buffers) {
        this.buffers = buffers;
    }

    static TensorMessage empty(BufferScope buffers) {
        return new TensorMessage(buffers);
    }

    /** The field in which numbers of a type are, in place of {@code tensor_content}. */
    static int field(DType dtype) {
        return switch (dtype) {
            case FLOAT -> 5;
            case DOUBLE -> 6;
            case INT8, UINT8, INT16, UINT16, INT32 -> INT_VAL;
            case STRING -> STRING_VAL;
            case INT64 -> 10;
            case BOOL -> 11;
            case HALF, BFLOAT16 -> 13;
            case UINT32 -> 16;
            case UINT64 -> LAST_FIELD;
        };
    }

    private static @Nullable DType numbersOf(int field) {
        return switch (field) {
            case 5 -> DType.FLOAT;
            case 6 -> DType.DOUBLE;
            case INT_VAL -> DType.INT32;
            case 10 -> DType.INT64;
            case 11 -> DType.BOOL;
            case 13 -> DType.UINT16;
            case 16 -> DType.UINT32;
            case LAST_FIELD -> DType.UINT64;
            default -> null;
        };
    }

    /** Reads the message up to its end. */
    static TensorMessage read(ProtoReader in, BufferScope buffers) {
        var message = new TensorMessage(buffers);
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            message.field(in, tag);
        }
        return message;
    }

    private void field(ProtoReader in, int tag) {
        int field = ProtoReader.number(tag);
        switch (field) {
            case DTYPE -> type = (int) in.varint();
            case SHAPE -> shape(in);
            case CONTENT -> content = in.content(buffers);
            case STRING_VAL -> strings.add(in.bytes());
            default -> {
                var dtype = numbersOf(field);
                if (dtype == null) {
                    in.skip(tag);
                    return;
                }
                var values = numbers[field];
                if (values == null) {
                    values = new Numbers(dtype, buffers, in.remaining());
                    numbers[field] = values;
                }
                values.read(in, tag);
            }
        }
    }

    private void shape(ProtoReader in) {
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case DIM -> {
                    shape = Arrays.copyOf(shape, shape.length + 1);
                    shape[shape.length - 1] = dimension(in);
                }
                case UNKNOWN_RANK -> unknownRank = in.varint() != 0;
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
    }

    private static long dimension(ProtoReader in) {
        int outer = in.enter();
        long size = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (ProtoReader.number(tag) == DIM_SIZE) {
                size = in.varint();
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        return size;
    }

    /**
     * The tensor.
     *
     * @param name of the input, for messages
     * @throws ServingException INVALID_ARGUMENT if type, shape and values do not fit each other
     */
    Tensor tensor(String name) {
        var dtype = TensorProtos.dtype(name, type);
        if (unknownRank) {
            throw ServingException.invalid("Input '" + name + "' has an unknown rank");
        }
        int count = TensorProtos.elements(name, shape);
        if (dtype == DType.STRING) {
            return new Tensor.Strings(shape, strings(name, count));
        }
        long bytes = (long) count * dtype.bytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("Input '" + name + "' of " + bytes + " bytes is too large");
        }
        int contentBytes = content == null ? 0 : content.bytes();
        var values = numbers[field(dtype)];
        int given = values == null ? 0 : values.count();
        if (contentBytes == 0 && (count == 0 || given > 0)) {
            if (given > count) {
                throw TensorProtos.wrongCount(name, given, new long[] {count});
            }
            return new Tensor.Numeric(dtype, shape, values == null ? buffers.take(0) : values.data(dtype, count));
        }
        if (content == null || contentBytes != bytes) {
            throw ServingException.invalid("Input '" + name + "' of type " + dtype.shortName() + " and shape "
                    + Tensor.describe(shape) + " needs " + bytes + " bytes, not " + contentBytes);
        }
        return new Tensor.Numeric(dtype, shape, content);
    }

    private byte[][] strings(String name, int count) {
        int given = strings.size();
        if (given > count || given == 0 && count > 0) {
            throw TensorProtos.wrongCount(name, given, shape);
        }
        var values = new byte[count][];
        for (int i = 0; i < count; i++) {
            values[i] = strings.get(Math.min(i, given - 1));
        }
        return values;
    }
}
