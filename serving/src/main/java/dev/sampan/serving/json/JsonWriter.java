package dev.sampan.serving.json;

import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Writes tensors as JSON into a growing array of bytes, straight from their buffers. */
public final class JsonWriter {
    private byte[] bytes = new byte[512];
    private int length;

    /** What has been written. */
    public ByteBuffer content() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /**
     * Writes values from {@code dimension} on, starting with element {@code from}; returns the element after the last one.
     *
     * @param name of the tensor: strings of one that ends in {@code _bytes} are written in base64
     */
    public int values(String name, Tensor tensor, int dimension, int from) {
        if (dimension == tensor.shape().length) {
            value(name, tensor, from);
            return from + 1;
        }
        put('[');
        int at = from;
        for (long i = 0; i < tensor.shape()[dimension]; i++) {
            if (i > 0) {
                put(',');
                put(' ');
            }
            at = values(name, tensor, dimension + 1, at);
        }
        put(']');
        return at;
    }

    /** Writes all elements in row-major order as one list. */
    public JsonWriter flat(Tensor tensor) {
        put('[');
        int count = Math.toIntExact(Tensor.elements(tensor.shape()));
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                put(',');
            }
            value("", tensor, i);
        }
        return put(']');
    }

    private void value(String name, Tensor tensor, int index) {
        switch (tensor) {
            case Tensor.Numeric numeric -> number(numeric, index);
            case Tensor.Strings strings -> {
                var value = strings.values()[index];
                if (name.endsWith("_bytes")) {
                    raw("{\"b64\": ").string(Base64.getEncoder().encode(value));
                    put('}');
                } else {
                    string(value);
                }
            }
        }
    }

    private void number(Tensor.Numeric tensor, int index) {
        var data = tensor.data();
        switch (tensor.dtype()) {
            case FLOAT -> decimal(data.getFloat(index * Float.BYTES));
            case DOUBLE -> decimal(data.getDouble(index * Double.BYTES));
            case HALF -> decimal(Float.float16ToFloat(data.getShort(index * Short.BYTES)));
            case BFLOAT16 -> decimal(Float.intBitsToFloat(data.getShort(index * Short.BYTES) << 16));
            case INT8 -> whole(data.get(index));
            case UINT8 -> whole(data.get(index) & 0xff);
            case INT16 -> whole(data.getShort(index * Short.BYTES));
            case UINT16 -> whole(data.getShort(index * Short.BYTES) & 0xffff);
            case INT32 -> whole(data.getInt(index * Integer.BYTES));
            case UINT32 -> whole(data.getInt(index * Integer.BYTES) & 0xffff_ffffL);
            case INT64 -> whole(data.getLong(index * Long.BYTES));
            case UINT64 -> raw(Long.toUnsignedString(data.getLong(index * Long.BYTES)));
            case BOOL -> raw(data.get(index) != 0 ? "true" : "false");
            case STRING -> throw new IllegalStateException("strings are no numbers");
        }
    }

    /** A float in the fewest digits that read back as it; NaN and infinities as TensorFlow Serving writes them. */
    public JsonWriter decimal(float value) {
        return raw(Float.toString(value));
    }

    private void decimal(double value) {
        raw(Double.toString(value));
    }

    public JsonWriter whole(long value) {
        return raw(Long.toString(value));
    }

    /** ASCII, as it is. */
    @SuppressWarnings("deprecation") // Strings of ASCII are copied without a decoder.
    public JsonWriter raw(String ascii) {
        int count = ascii.length();
        room(count);
        ascii.getBytes(0, count, bytes, length);
        length += count;
        return this;
    }

    public JsonWriter put(char c) {
        room(1);
        bytes[length++] = (byte) c;
        return this;
    }

    /** A string in quotation marks. */
    public JsonWriter string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    /** UTF-8 in quotation marks, escaped as far as JSON demands; bytes that are no UTF-8 are passed on. */
    public JsonWriter string(byte[] utf8) {
        put('"');
        for (byte b : utf8) {
            switch (b) {
                case '"', '\\' -> {
                    put('\\');
                    put((char) b);
                }
                case '\n' -> raw("\\n");
                case '\r' -> raw("\\r");
                case '\t' -> raw("\\t");
                default -> {
                    if (b >= 0 && b < ' ') {
                        raw(String.format("\\u%04x", b));
                    } else {
                        room(1);
                        bytes[length++] = b;
                    }
                }
            }
        }
        return put('"');
    }

    private void room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
