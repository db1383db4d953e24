package dev.sampan.serving.rest;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.ClassificationResult;
import dev.sampan.serving.proto.RegressionResult;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** Writes tensors as JSON into a growing array of bytes, straight from their buffers. */
final class JsonWriter {
    private byte[] bytes = new byte[512];
    private int length;

    /** What has been written. */
    ByteBuffer content() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /** Row format: one element for each index of the first dimension; an object where there are several outputs. */
    static ByteBuffer predictions(Map<String, Tensor> outputs) {
        var out = new JsonWriter();
        long batch = -1;
        for (var output : outputs.entrySet()) {
            long[] shape = output.getValue().shape();
            if (shape.length == 0) {
                throw ServingException.invalid("Tensor name: " + output.getKey() + " has no shape information ");
            }
            if (batch >= 0 && batch != shape[0]) {
                throw ServingException.invalid("Tensor name: " + output.getKey() + " has inconsistent batch size: "
                        + shape[0] + " expecting: " + batch);
            }
            batch = shape[0];
        }
        out.raw("{\n    \"predictions\": [");
        boolean objects = outputs.size() > 1;
        for (int row = 0; row < batch; row++) {
            out.raw(row == 0 ? "" : ", ");
            out.raw(objects ? "{" : "");
            boolean first = true;
            for (var output : outputs.entrySet()) {
                if (objects) {
                    out.raw(first ? "" : ", ").string(output.getKey().getBytes(StandardCharsets.UTF_8));
                    out.raw(": ");
                }
                first = false;
                var tensor = output.getValue();
                int elements = Math.toIntExact(Tensor.elements(tensor.shape()) / batch);
                out.values(output.getKey(), tensor, 1, row * elements);
            }
            out.raw(objects ? "}" : "");
        }
        return out.raw("\n    ]\n}").content();
    }

    /** Column format: whole tensors; an object where there are several outputs. */
    static ByteBuffer outputs(Map<String, Tensor> outputs) {
        var out = new JsonWriter();
        out.raw("{\n    \"outputs\": ");
        boolean object = outputs.size() > 1;
        out.raw(object ? "{" : "");
        boolean first = true;
        for (var output : outputs.entrySet()) {
            if (object) {
                out.raw(first ? "" : ", ").string(output.getKey().getBytes(StandardCharsets.UTF_8));
                out.raw(": ");
            }
            first = false;
            out.values(output.getKey(), output.getValue(), 0, 0);
        }
        return out.raw(object ? "}\n}" : "\n}").content();
    }

    /** Labels with scores of each example. */
    static ByteBuffer results(ClassificationResult result) {
        var out = new JsonWriter();
        out.raw("{\n    \"results\": [");
        boolean firstRow = true;
        for (var row : result.getClassificationsList()) {
            out.raw(firstRow ? "[" : ", [");
            firstRow = false;
            boolean first = true;
            for (var item : row.getClassesList()) {
                out.raw(first ? "[" : ", [").string(item.getLabelBytes().toByteArray());
                out.raw(", ").decimal(item.getScore());
                out.put(']');
                first = false;
            }
            out.put(']');
        }
        return out.raw("\n    ]\n}").content();
    }

    /** The value of each example. */
    static ByteBuffer results(RegressionResult result) {
        var out = new JsonWriter();
        out.raw("{\n    \"results\": [");
        boolean first = true;
        for (var regression : result.getRegressionsList()) {
            out.raw(first ? "" : ", ").decimal(regression.getValue());
            first = false;
        }
        return out.raw("\n    ]\n}").content();
    }

    /** Values from {@code dimension} on, starting with element {@code from}; returns the element after the last one. */
    private int values(String name, Tensor tensor, int dimension, int from) {
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

    private void decimal(float value) {
        raw(Float.toString(value));
    }

    private void decimal(double value) {
        raw(Double.toString(value));
    }

    private void whole(long value) {
        raw(Long.toString(value));
    }

    /** ASCII, as it is. */
    @SuppressWarnings("deprecation") // Strings of ASCII are copied without a decoder.
    private JsonWriter raw(String ascii) {
        int count = ascii.length();
        room(count);
        ascii.getBytes(0, count, bytes, length);
        length += count;
        return this;
    }

    private void put(char c) {
        room(1);
        bytes[length++] = (byte) c;
    }

    /** UTF-8 in quotation marks, escaped as far as JSON demands; bytes that are no UTF-8 are passed on. */
    private void string(byte[] utf8) {
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
        put('"');
    }

    private void room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    /** The body of an error answer. */
    static ByteBuffer error(String message) {
        var out = new JsonWriter();
        out.raw("{ \"error\": ").string(message.getBytes(StandardCharsets.UTF_8));
        return out.raw(" }").content();
    }
}
