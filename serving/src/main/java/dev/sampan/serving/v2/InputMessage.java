package dev.sampan.serving.v2;

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

/** {@code InferInputTensor} on the wire; numbers of its contents go straight into a tensor's buffer. */
final class InputMessage {
    static final int NAME = 1;
    static final int DATATYPE = 2;
    static final int SHAPE = 3;
    static final int CONTENTS = 5;
    static final int STRINGS = 8;

    private final BufferScope buffers;
    private String name = "";
    private String datatype = "";
    private long[] shape = {};
    private boolean hasContents;
    /** By field number. */
    private final @Nullable Numbers[] numbers = new Numbers[STRINGS];

    private final List<byte[]> strings = new ArrayList<>(0);

    private InputMessage(BufferScope buffers) {
        this.buffers = buffers;
    }

    /** The field of {@code InferTensorContents} in which values of a type are; 0 if there is none. */
    static int field(DType dtype) {
        return switch (dtype) {
            case BOOL -> 1;
            case INT8, INT16, INT32 -> 2;
            case INT64 -> 3;
            case UINT8, UINT16, UINT32 -> 4;
            case UINT64 -> 5;
            case FLOAT -> 6;
            case DOUBLE -> 7;
            case STRING -> STRINGS;
            case HALF, BFLOAT16 -> 0;
        };
    }

    private static @Nullable DType numbersOf(int field) {
        return switch (field) {
            case 1 -> DType.BOOL;
            case 2 -> DType.INT32;
            case 3 -> DType.INT64;
            case 4 -> DType.UINT32;
            case 5 -> DType.UINT64;
            case 6 -> DType.FLOAT;
            case 7 -> DType.DOUBLE;
            default -> null;
        };
    }

    /** Reads the message up to its end. */
    static InputMessage read(ProtoReader in, BufferScope buffers) {
        var message = new InputMessage(buffers);
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case NAME -> message.name = in.string();
                case DATATYPE -> message.datatype = in.string();
                case SHAPE -> message.shape(in, tag);
                case CONTENTS -> {
                    int outer = in.enter();
                    message.contents(in);
                    in.leave(outer);
                }
                default -> in.skip(tag);
            }
        }
        return message;
    }

    private void shape(ProtoReader in, int tag) {
        if (ProtoReader.type(tag) == ProtoReader.VARINT) {
            dimension(in.varint());
            return;
        }
        int outer = in.enter();
        while (!in.atEnd()) {
            dimension(in.varint());
        }
        in.leave(outer);
    }

    private void dimension(long size) {
        shape = Arrays.copyOf(shape, shape.length + 1);
        shape[shape.length - 1] = size;
    }

    private void contents(ProtoReader in) {
        hasContents = true;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            int field = ProtoReader.number(tag);
            var dtype = numbersOf(field);
            if (field == STRINGS) {
                strings.add(in.bytes());
            } else if (dtype == null) {
                in.skip(tag);
            } else {
                var values = numbers[field];
                if (values == null) {
                    values = new Numbers(dtype, buffers, in.remaining());
                    numbers[field] = values;
                }
                values.read(in, tag);
            }
        }
    }

    String name() {
        return name;
    }

    /** The tensor in bytes that came beside the message. */
    Tensor tensor(Content raw) {
        if (hasContents) {
            throw ServingException.invalid(
                    "input '" + name + "' has contents, which must not be where there are raw_input_contents");
        }
        return RawTensors.of(name, RawTensors.dtype(name, datatype), shape, raw);
    }

    /** The tensor in the message itself. */
    Tensor tensor() {
        var dtype = RawTensors.dtype(name, datatype);
        int count = RawTensors.elements(name, shape);
        int field = field(dtype);
        if (field == 0) {
            throw ServingException.invalid("datatype " + dtype.v2Name() + " can only be sent as raw_input_contents");
        }
        var values = field == STRINGS ? null : numbers[field];
        int given = field == STRINGS ? strings.size() : values == null ? 0 : values.count();
        if (given != count) {
            throw ServingException.invalid("input '" + name + "' of datatype " + dtype.v2Name() + " and shape "
                    + Tensor.describe(shape) + " needs " + count + " elements, not " + given);
        }
        if (field == STRINGS) {
            return new Tensor.Strings(shape, strings.toArray(byte[][]::new));
        }
        return new Tensor.Numeric(dtype, shape, values == null ? buffers.take(0) : values.data(dtype, count));
    }
}
