package dev.sampan.serving.tensor;

/**
 * What a model says of an input or output.
 *
 * @param name the name that clients use
 * @param dtype element type
 * @param shape sizes of the dimensions, -1 where any size is accepted
 * @param anyRank whether the number of dimensions is open as well; the shape says nothing then
 */
public record TensorSpec(String name, DType dtype, long[] shape, boolean anyRank) {

    /** A tensor of a known number of dimensions. */
    public TensorSpec(String name, DType dtype, long[] shape) {
        this(name, dtype, shape, false);
    }

    /** A tensor of any shape. */
    public static TensorSpec ofAnyRank(String name, DType dtype) {
        return new TensorSpec(name, dtype, new long[0], true);
    }

    /** Whether a tensor of this shape fits. */
    public boolean accepts(long[] actual) {
        if (anyRank) {
            return true;
        }
        if (actual.length != shape.length) {
            return false;
        }
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] >= 0 && shape[i] != actual[i]) {
                return false;
            }
        }
        return true;
    }
}
