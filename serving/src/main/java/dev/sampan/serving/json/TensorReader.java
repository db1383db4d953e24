package dev.sampan.serving.json;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Turns nested JSON lists into one tensor: numbers go from the text straight into the tensor's buffer. The first element
 * decides the shape; every other one must have the same.
 */
public final class TensorReader {
    private static final int MAX_RANK = 64;
    private static final int UNKNOWN = -1;
    private static final int FIRST_ELEMENTS = 1024;
    /** Largest integer below which a float holds every integer. */
    private static final long FLOAT_EXACT = (1L << 24) - 1;

    private static final long DOUBLE_EXACT = (1L << 53) - 1;

    private final TensorSpec spec;
    private final DType dtype;
    private final BufferScope buffers;
    private final int[] sizes = new int[MAX_RANK];
    private final List<byte[]> strings = new ArrayList<>();
    private ByteBuffer data;
    private int bytes;
    private int rank = UNKNOWN;
    /** Values of several calls of {@link #row}. */
    private int rows;

    public TensorReader(TensorSpec spec, BufferScope buffers, int jsonBytes) {
        this.spec = spec;
        this.dtype = spec.dtype();
        this.buffers = buffers;
        this.data = buffers.take((long) Math.min(FIRST_ELEMENTS, jsonBytes / 2 + 1) * Math.max(1, dtype.bytes()));
        Arrays.fill(sizes, UNKNOWN);
    }

    /** Reads a whole tensor. */
    public void whole(JsonScanner json) {
        value(json, 0);
    }

    /** Reads one row of the tensor: a value for the next index of the first dimension. */
    public void row(JsonScanner json) {
        value(json, 1);
        rows++;
    }

    public int rows() {
        return rows;
    }

    /** Reads values in row-major order, however they are nested. */
    public void flat(JsonScanner json) {
        flat(json, 0);
    }

    private void flat(JsonScanner json, int level) {
        if (json.peek() != '[') {
            leaf(json);
            return;
        }
        if (level >= MAX_RANK) {
            throw ServingException.invalid("Encountered list at unexpected level: " + level);
        }
        if (json.enter(']')) {
            do {
                flat(json, level + 1);
            } while (json.more(']'));
        }
    }

    /** Number of values that have been read. */
    public int count() {
        return dtype == DType.STRING ? strings.size() : bytes / dtype.bytes();
    }

    /** The values of {@link #flat} as a tensor of a shape with {@link #count} elements. */
    public Tensor tensor(long[] shape) {
        return dtype == DType.STRING
                ? new Tensor.Strings(shape, strings.toArray(byte[][]::new))
                : new Tensor.Numeric(dtype, shape, data.limit(bytes));
    }

    /** The tensor of all that has been read. */
    public Tensor tensor() {
        if (rows > 0) {
            sizes[0] = rows;
        }
        var shape = new long[Math.max(rank, 0)];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sizes[i];
        }
        return tensor(shape);
    }

    private void value(JsonScanner json, int level) {
        if (json.peek() == '[') {
            list(json, level);
            return;
        }
        if (rank == UNKNOWN) {
            rank = level;
        } else if (level != rank) {
            throw ServingException.invalid("JSON Value: " + json.describe()[0] + " found at incorrect level: "
                    + (level + 1) + " in the JSON DOM. Expected at level: " + rank);
        }
        leaf(json);
    }

    private void list(JsonScanner json, int level) {
        if (rank != UNKNOWN && level >= rank || level >= MAX_RANK) {
            throw ServingException.invalid("Encountered list at unexpected level: " + level + " expected < "
                    + (rank == UNKNOWN ? MAX_RANK : rank));
        }
        int count = 0;
        if (json.enter(']')) {
            do {
                value(json, level + 1);
                count++;
            } while (json.more(']'));
        } else if (rank == UNKNOWN) {
            rank = level + 1;
        }
        if (sizes[level] == UNKNOWN) {
            sizes[level] = count;
        } else if (sizes[level] != count) {
            throw ServingException.invalid("Encountered list at unexpected size: " + count + " at level: " + level
                    + " expected size: " + sizes[level]);
        }
    }

    private void leaf(JsonScanner json) {
        switch (dtype) {
            case STRING -> strings.add(bytes(json));
            case BOOL -> room().put(bytes++, bool(json));
            case FLOAT -> {
                room().putFloat(bytes, (float) decimal(json, FLOAT_EXACT, Float.MAX_VALUE));
                bytes += Float.BYTES;
            }
            case DOUBLE -> {
                room().putDouble(bytes, decimal(json, DOUBLE_EXACT, Double.MAX_VALUE));
                bytes += Double.BYTES;
            }
            case HALF -> {
                room().putShort(bytes, Float.floatToFloat16((float) decimal(json, FLOAT_EXACT, Float.MAX_VALUE)));
                bytes += Short.BYTES;
            }
            case BFLOAT16 -> {
                float value = (float) decimal(json, FLOAT_EXACT, Float.MAX_VALUE);
                room().putShort(bytes, (short) (Float.floatToRawIntBits(value) + 0x8000 >>> 16));
                bytes += Short.BYTES;
            }
            case INT8 -> room().put(bytes++, (byte) whole(json, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> room().put(bytes++, (byte) whole(json, 0, 0xff));
            case INT16 -> shortValue(whole(json, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> shortValue(whole(json, 0, 0xffff));
            case INT32 -> intValue(whole(json, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> intValue(whole(json, 0, 0xffff_ffffL));
            case INT64 -> longValue(whole(json, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> longValue(unsigned(json));
        }
    }

    private void shortValue(long value) {
        room().putShort(bytes, (short) value);
        bytes += Short.BYTES;
    }

    private void intValue(long value) {
        room().putInt(bytes, (int) value);
        bytes += Integer.BYTES;
    }

    private void longValue(long value) {
        room().putLong(bytes, value);
        bytes += Long.BYTES;
    }

    /** The buffer, with room for one more element. */
    private ByteBuffer room() {
        if (bytes + Long.BYTES > data.limit()) {
            if (data.capacity() >= bytes + Long.BYTES) {
                data.limit(data.capacity());
            } else {
                var larger = buffers.take(Math.max(data.capacity(), Long.BYTES) * 2L);
                larger.put(0, data, 0, bytes);
                data = larger;
            }
        }
        return data;
    }

    private double decimal(JsonScanner json, long exact, double max) {
        int start = json.position();
        if (!json.atNumber()) {
            throw typeError(json);
        }
        double value = json.number();
        boolean lossy = json.wasInteger()
                ? !json.wasLong() || Math.abs(json.integerValue()) > exact
                : Math.abs(value) > max && !Double.isInfinite(value);
        if (lossy) {
            json.position(start);
            throw ServingException.invalid("Cannot convert JSON value: " + json.describe()[0] + " to "
                    + dtype.shortName() + " without loss of precision.");
        }
        return value;
    }

    private long whole(JsonScanner json, long min, long max) {
        int start = json.position();
        if (json.atNumber()) {
            json.number();
            long value = json.integerValue();
            if (json.wasLong() && value >= min && value <= max) {
                return value;
            }
        }
        json.position(start);
        throw typeError(json);
    }

    private long unsigned(JsonScanner json) {
        int start = json.position();
        if (json.atNumber() && json.peek() != '-') {
            json.number();
            if (json.wasLong()) {
                return json.integerValue();
            }
            json.position(start);
            try {
                return Long.parseUnsignedLong(json.describe()[0]);
            } catch (NumberFormatException e) {
                json.position(start);
                throw typeError(json);
            }
        }
        throw typeError(json);
    }

    private byte bool(JsonScanner json) {
        byte c = json.peek();
        if (c == 't' && json.accept("true")) {
            return 1;
        }
        if (c == 'f' && json.accept("false")) {
            return 0;
        }
        throw typeError(json);
    }

    private byte[] bytes(JsonScanner json) {
        return switch (json.peek()) {
            case '"' -> json.stringBytes();
            case '{' -> base64(json);
            default -> throw typeError(json);
        };
    }

    private static byte[] base64(JsonScanner json) {
        int start = json.position();
        if (json.enter('}') && json.name().equals("b64") && json.peek() == '"') {
            var text = json.stringBytes();
            if (!json.more('}')) {
                try {
                    return Base64.getDecoder().decode(text);
                } catch (IllegalArgumentException e) {
                    return base64Url(text);
                }
            }
        }
        json.position(start);
        throw ServingException.invalid(
                "JSON Value: " + json.describe()[0] + " not formatted correctly for base64 data");
    }

    private static byte[] base64Url(byte[] text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("Unable to base64 decode");
        }
    }

    private ServingException typeError(JsonScanner json) {
        var value = json.describe();
        return ServingException.invalid("JSON Value: " + value[0] + " Type: " + value[1] + " is not of expected type: "
                + dtype.shortName() + " (input '" + spec.name() + "')");
    }
}
