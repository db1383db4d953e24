package dev.sampan.serving.tensor;

/**
 * What a model says of an input or output.
 *
 * @param name the name that clients use
 * @param dtype element type
 * @param shape sizes of the dimensions, -1 where any size is accepted
 */
public record TensorSpec(String name, DType dtype, long[] shape) {

    /** Whether a tensor of this shape fits. */
    public boolean accepts(long[] actual) {
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
