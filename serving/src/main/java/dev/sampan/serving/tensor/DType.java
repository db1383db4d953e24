package dev.sampan.serving.tensor;

import java.util.Locale;

/** Types of tensor elements, with TensorFlow's number and name and the Open Inference Protocol's name of each. */
public enum DType {
    FLOAT(1, 4, "FP32"),
    DOUBLE(2, 8, "FP64"),
    INT32(3, 4, "INT32"),
    UINT8(4, 1, "UINT8"),
    INT16(5, 2, "INT16"),
    INT8(6, 1, "INT8"),
    /** Byte strings: not of fixed size. */
    STRING(7, 0, "BYTES"),
    INT64(9, 8, "INT64"),
    BOOL(10, 1, "BOOL"),
    BFLOAT16(14, 2, "BF16"),
    UINT16(17, 2, "UINT16"),
    HALF(19, 2, "FP16"),
    UINT32(22, 4, "UINT32"),
    UINT64(23, 8, "UINT64");

    private final int number;
    private final int bytes;
    private final String v2Name;

    DType(int number, int bytes, String v2Name) {
        this.number = number;
        this.bytes = bytes;
        this.v2Name = v2Name;
    }

    /** TensorFlow's {@code DataType} number. */
    public int number() {
        return number;
    }

    /** Size of an element in bytes; 0 for strings. */
    public int bytes() {
        return bytes;
    }

    /** TensorFlow's name, such as {@code DT_FLOAT}. */
    public String tensorFlowName() {
        return "DT_" + name();
    }

    /** What TensorFlow calls it in messages, such as {@code float}. */
    public String shortName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The Open Inference Protocol's name, such as {@code FP32}. */
    public String v2Name() {
        return v2Name;
    }
}
